using System.CommandLine;
using Gateway.Admin;

namespace Gateway.Cli;

/// <summary>The commands under <c>user</c>: who may use the shares over SMB.</summary>
internal sealed class UserCommands(CommonSettings common, Func<string, string?> environment)
{
    private readonly UserQuestions _questions = new(common, environment);
    private readonly Argument<string> _name = new("NAME") { Description = "the user's name" };
    private readonly Option<uint?> _uid = new("--uid") { Description = "number over NFS; the next free one from 1000 when absent" };
    private readonly Option<uint?> _gid = new("--gid") { Description = "number of the user's group; 100, that of the shares, when absent" };
    private readonly Option<string?> _groups = new("--groups") { Description = "numbers of further groups", HelpName = "N,N,…" };
    private readonly Option<bool> _json = new("--json") { Description = "print JSON" };

    private readonly Option<bool> _passwordFromInput = new("--password-stdin")
    {
        Description = "read the password from the first line of standard input",
    };

    public Command User() => new("user", "Add, change, list and remove the users of the shares")
    {
        Add(), Password(), List(),
        Simple("remove", "Remove a user; its files stay", UserAction.Remove),
        Simple("disable", "Let a user in no more", UserAction.Disable),
        Simple("enable", "Let a disabled user in again", UserAction.Enable),
    };

    private Command Add()
    {
        var command = NamedCommand("add", "Add a user");
        foreach (var option in new Option[] { _uid, _gid, _groups, _passwordFromInput }) command.Options.Add(option);
        command.SetAction((parse, stop) =>
        {
            var request = new UserRequest
            {
                Action = UserAction.Add,
                Name = parse.GetRequiredValue(_name),
                Uid = parse.GetValue(_uid),
                Gid = parse.GetValue(_gid),
                Groups = UserInput.ParseGroups(parse.GetValue(_groups)),
                Password = UserInput.ReadPassword(parse.GetValue(_passwordFromInput)),
            };
            return _questions.AskAsync(parse, request, UserTable.WriteAdded, stop);
        });
        return command;
    }

    private Command Password()
    {
        var command = NamedCommand("passwd", "Set a user's password");
        command.Options.Add(_passwordFromInput);
        command.SetAction((parse, stop) =>
        {
            var request = new UserRequest
            {
                Action = UserAction.SetPassword,
                Name = parse.GetRequiredValue(_name),
                Password = UserInput.ReadPassword(parse.GetValue(_passwordFromInput)),
            };
            return _questions.AskAsync(parse, request, null, stop);
        });
        return command;
    }

    private Command List()
    {
        var command = WithPlaces(new Command("list", "List the users"));
        command.Options.Add(_json);
        command.SetAction((parse, stop) => _questions.AskAsync(
            parse,
            new UserRequest { Action = UserAction.List },
            parse.GetValue(_json) ? UserTable.WriteJson : UserTable.Write,
            stop));
        return command;
    }

    private Command Simple(string verb, string description, UserAction action)
    {
        var command = NamedCommand(verb, description);
        command.SetAction((parse, stop) => _questions.AskAsync(
            parse, new UserRequest { Action = action, Name = parse.GetRequiredValue(_name) }, null, stop));
        return command;
    }

    private Command NamedCommand(string verb, string description)
    {
        var command = WithPlaces(new Command(verb, description));
        command.Arguments.Add(_name);
        return command;
    }

    private Command WithPlaces(Command command)
    {
        foreach (var option in common.PlaceOptions) command.Options.Add(option);
        return command;
    }
}
