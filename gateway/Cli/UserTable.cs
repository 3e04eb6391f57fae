using System.Globalization;
using System.Text.Json;
using Gateway.Admin;
using Spectre.Console;

namespace Gateway.Cli;

/// <summary>Users as a person reads them, or a script.</summary>
internal static class UserTable
{
    private static readonly string[] Columns = ["name", "uid", "gid", "groups", ""];

    public static void WriteAdded(IReadOnlyList<UserReport> users)
    {
        foreach (var user in users)
            Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"added {user.Name}, uid {user.Uid}, gid {user.Gid}"));
    }

    public static void WriteJson(IReadOnlyList<UserReport> users) =>
        Console.Out.WriteLine(JsonSerializer.Serialize(users, UserRequestJson.Default.IReadOnlyListUserReport));

    public static void Write(IReadOnlyList<UserReport> users)
    {
        var table = new Table().Border(TableBorder.None);
        foreach (var title in Columns) table.AddColumn(title, column => column.NoWrap().PadLeft(0).PadRight(2));
        foreach (var user in users)
        {
            table.AddRow(
                Markup.Escape(user.Name),
                user.Uid.ToString(CultureInfo.InvariantCulture),
                user.Gid.ToString(CultureInfo.InvariantCulture),
                string.Join(',', user.Groups),
                user.Disabled ? "[red]disabled[/]" : "");
        }

        Terminal.Open(Console.IsOutputRedirected, Console.Out).Write(table);
    }
}
