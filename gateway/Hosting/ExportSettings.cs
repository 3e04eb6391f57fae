using Gateway.Cli;
using Gateway.Nfs.Exports;
using Microsoft.Extensions.Configuration;

namespace Gateway.Hosting;

/// <summary>The <c>exports</c> section of the configuration file.</summary>
internal static class ExportSettings
{
    private const string Section = "exports";

    /// <summary>What the section says, or the default export of the volume where there is none.</summary>
    /// <exception cref="SettingException">A value has the wrong form or an unknown name, or makes no sense.</exception>
    public static IReadOnlyList<ExportOptions> Read(IConfiguration? file, string volume)
    {
        var section = file?.GetSection(Section);
        if (section is null || !section.Exists()) return [ExportOptions.Default(volume)];

        try
        {
            var exports = section.Get<List<ExportOptions>>(binder => binder.ErrorOnUnknownConfiguration = true);
            List<ExportOptions> named =
            [
                .. (exports ?? []).Select(
                    export => export.Volume.Length == 0 ? export with { Volume = volume } : export),
            ];
            ExportTable.Check(named, name => name == volume);
            return named;
        }
        catch (Exception error) when (error is InvalidOperationException or ExportException)
        {
            throw new SettingException($"\"{Section}\" in the configuration file: {error.GetBaseException().Message}");
        }
    }
}
