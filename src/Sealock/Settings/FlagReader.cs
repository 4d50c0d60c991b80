// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Settings;

/// <summary>Reads <c>sealock server</c>'s command line, as Go's flags are written: <c>--name=value</c> or <c>--name value</c>.</summary>
internal static class FlagReader
{
    /// <summary>Applies every flag; what cannot be read becomes a mistake of <paramref name="reader"/>.</summary>
    /// <returns>The value of <c>--config</c>, or null.</returns>
    public static string? Read(SettingsReader reader, IReadOnlyList<string> arguments)
    {
        var settings = ServerSettingTable.All.ToDictionary(setting => setting.Name);
        string? configFile = null;
        for (var i = 0; i < arguments.Count; i++)
        {
            var argument = arguments[i];
            if (!argument.StartsWith('-') || argument.Length < 2)
            {
                reader.Mistakes.Add($"argument {i + 1} is no flag; flags are written --name=value");
                continue;
            }

            var text = argument.TrimStart('-');
            var equals = text.IndexOf('=', StringComparison.Ordinal);
            var name = equals < 0 ? text : text[..equals];
            var setting = settings.GetValueOrDefault(name);
            var takesNext = equals < 0 && setting is not { IsSwitch: true }
                && i + 1 < arguments.Count && !arguments[i + 1].StartsWith("--", StringComparison.Ordinal);
            var value = equals >= 0 ? text[(equals + 1)..] : takesNext ? arguments[++i] : "";

            if (name == "config")
                configFile = value;
            else if (setting is not null)
                reader.Apply(setting, "--" + name, value);
            else
                ReadForeign(reader, name, value);
        }

        return configFile;
    }

    private static void ReadForeign(SettingsReader reader, string name, string value)
    {
        if (name == "insecure-port" && value == "0")
            reader.Warnings.Add("--insecure-port: plain HTTP is never served, so it has no effect");
        else if (ForeignFlags.Refused.TryGetValue(name, out var remedy))
            reader.Mistakes.Add($"--{name}: {remedy}");
        else if (ForeignFlags.WithoutEffect.TryGetValue(name, out var reason))
            reader.Warnings.Add($"--{name}: {reason}");
        else
            reader.Mistakes.Add(
                $"--{name}: is not a known flag" + Suggestion.For("--" + name, ServerSettingTable.All.Select(setting => "--" + setting.Name))
                    + "; see sealock server --help");
    }
}
