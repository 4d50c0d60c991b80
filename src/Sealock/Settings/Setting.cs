// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Text.Json.Nodes;

namespace Sealock.Settings;

/// <summary>
/// One setting of a server: a flag of <c>sealock server</c>, and under the same name in camelCase a key of its
/// configuration file.
/// </summary>
/// <param name="Name">The flag without its dashes, as kube-apiserver or kube-controller-manager calls it.</param>
/// <param name="ValueName">What stands for the value in help, such as <c>FILE</c>.</param>
/// <param name="Help">What it does.</param>
/// <param name="Apply">Reads a value; records a mistake instead of throwing.</param>
internal sealed record Setting(string Name, string ValueName, string Help, Action<SettingsReader, string> Apply)
{
    /// <summary>Whether it may be given several times.</summary>
    public bool Repeatable { get; init; }

    /// <summary>Whether a change in the configuration file takes effect while the server runs.</summary>
    public bool Live { get; init; }

    /// <summary>Reads an item that a configuration file may write as a mapping; null where only plain values are taken.</summary>
    public Action<SettingsReader, JsonObject>? ApplyMapping { get; init; }

    /// <summary>Whether the flag may stand without a value.</summary>
    public bool IsSwitch => ValueName.Length == 0;

    /// <summary>The flag, for help, completion and commands that do not read flags as Go does.</summary>
    public Option<string[]> Option() => new("--" + Name)
    {
        Description = Help,
        HelpName = IsSwitch ? "true|false" : ValueName,
        Arity = IsSwitch ? ArgumentArity.ZeroOrMore : ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    /// <summary>The key in a configuration file.</summary>
    public string Key => string.Concat(Name.Split('-').Select((word, i) => i == 0 ? word : char.ToUpperInvariant(word[0]) + word[1..]));
}
