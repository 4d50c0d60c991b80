// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Yaml;

namespace Sealock.Cluster.Importing;

/// <summary>The flags that a component is started with, as its static pod manifest has them.</summary>
public sealed class ComponentFlags
{
    private readonly Dictionary<string, string> _flags;

    private ComponentFlags(Dictionary<string, string> flags, string? image = null) => (_flags, Image) = (flags, image);

    /// <summary>No flags.</summary>
    public static ComponentFlags None { get; } = new([]);

    /// <summary>All flags without their dashes; of a repeated one the last.</summary>
    public IReadOnlyDictionary<string, string> All => _flags;

    /// <summary>The container's image with its tag; null where it is not known.</summary>
    public string? Image { get; }

    /// <summary>The value of a flag named without dashes; null where it is not given. One without value is <c>true</c>.</summary>
    public string? this[string name] => _flags.GetValueOrDefault(name);

    /// <summary>The parts of a flag that takes several values.</summary>
    public IReadOnlyList<string> List(string name) =>
        this[name]?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [];

    /// <summary>Reads the first container of a Pod manifest.</summary>
    /// <returns>The flags, or null and what is wrong.</returns>
    public static (ComponentFlags? Flags, string? Problem) FromManifest(string text)
    {
        if (!YamlReader.TryRead(text, out var document, out var error))
            return (null, error);
        if (document is not JsonObject { } pod || pod["spec"] is not JsonObject spec || spec["containers"] is not JsonArray { Count: > 0 } containers
            || containers[0] is not JsonObject container)
            return (null, "it is no Pod manifest with a container");
        var flags = FromArguments(Texts(container["command"]).Concat(Texts(container["args"])));
        return (new(flags._flags, (container["image"] as JsonValue)?.ToString()), null);
    }

    /// <summary>Takes the flags of a command line: <c>--name=value</c>, <c>--name value</c>, <c>--name</c>.</summary>
    public static ComponentFlags FromArguments(IEnumerable<string> arguments)
    {
        var flags = new Dictionary<string, string>(StringComparer.Ordinal);
        string? open = null;
        foreach (var argument in arguments)
        {
            if (!argument.StartsWith('-'))
            {
                if (open is not null)
                    flags[open] = argument;
                open = null;
                continue;
            }

            var flag = argument.TrimStart('-');
            var equals = flag.IndexOf('=', StringComparison.Ordinal);
            open = equals < 0 ? flag : null;
            flags[equals < 0 ? flag : flag[..equals]] = equals < 0 ? "true" : flag[(equals + 1)..];
        }

        return new(flags);
    }

    private static IEnumerable<string> Texts(JsonNode? list) =>
        (list as JsonArray ?? []).OfType<JsonValue>().Select(value => value.ToString());
}
