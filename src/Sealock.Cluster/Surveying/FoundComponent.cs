// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Cluster.Surveying;

/// <summary>One flag of a component, or a field of its configuration under the flag's name.</summary>
/// <param name="Name">The flag's name without dashes.</param>
/// <param name="Value">Its value; <c>true</c> where none was given.</param>
/// <param name="File">Where it stands.</param>
/// <param name="Written">The flag or field as it is written there: <c>--anonymous-auth</c>, <c>authentication.anonymous.enabled</c>.</param>
public sealed record ComponentFlag(string Name, string Value, SurveyedFile File, string Written);

/// <summary>All that was found about one component of one node, from its manifest, unit, variables and configuration file.</summary>
public sealed class FoundComponent
{
    private readonly ILookup<string, ComponentFlag> _flags;

    internal FoundComponent(string node, string name, IReadOnlyList<ComponentFlag> flags, IReadOnlyList<SurveyedFile> files, bool isWhole)
    {
        (Node, Name, Flags, Files, IsWhole) = (node, name, flags, files, isWhole);
        _flags = flags.ToLookup(flag => flag.Name);
    }

    /// <summary>The node; empty where it is not known.</summary>
    public string Node { get; }

    /// <summary>The component: <c>kube-apiserver</c>, <c>kubelet</c>, <c>etcd</c>…</summary>
    public string Name { get; }

    /// <summary>Its flags, in the order they were found.</summary>
    public IReadOnlyList<ComponentFlag> Flags { get; }

    /// <summary>Where they stand.</summary>
    public IReadOnlyList<SurveyedFile> Files { get; }

    /// <summary>True where all flags are known, so that one which is not among them has its default.</summary>
    public bool IsWhole { get; }

    /// <summary>The last flag of a name, which is the one that counts; null where there is none.</summary>
    public ComponentFlag? this[string name] => _flags[name].LastOrDefault();

    /// <summary>The value of a flag; null where there is none.</summary>
    public string? Value(string name) => this[name]?.Value;

    /// <summary>The parts of a flag that takes several values.</summary>
    public IReadOnlyList<string> List(string name) =>
        [.. _flags[name].SelectMany(flag => flag.Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))];

    /// <inheritdoc/>
    public override string ToString() => Node.Length == 0 ? Name : $"{Node}/{Name}";
}
