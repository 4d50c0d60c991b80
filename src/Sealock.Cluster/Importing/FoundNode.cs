// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Kubeconfigs;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Sets;
using Sealock.Pki.Certificates;

namespace Sealock.Cluster.Importing;

/// <summary>What was found of one node's files: all that a configuration can be inferred from.</summary>
internal sealed record FoundNode
{
    /// <summary>The folder of certificates.</summary>
    public required string PkiFolder { get; init; }

    /// <summary>The node's name where the user gave it.</summary>
    public string? GivenName { get; init; }

    /// <summary>How the files are laid out.</summary>
    public required ClusterLayout Layout { get; init; }

    /// <summary>Where the node's files stand.</summary>
    public required NodeFolder Folder { get; init; }

    /// <summary>First certificates of the files, by path relative to the folder without extension: <c>etcd/server</c>.</summary>
    public required IReadOnlyDictionary<string, Certificate> Certificates { get; init; }

    /// <summary>What the kubeconfigs' contexts in use stand for, by file name.</summary>
    public required IReadOnlyDictionary<string, KubeconfigTarget> Kubeconfigs { get; init; }

    /// <summary>The client certificates of the kubeconfigs, by file name.</summary>
    public required IReadOnlyDictionary<string, Certificate> Clients { get; init; }

    /// <summary>The names of files without extension that have a private key beside them.</summary>
    public required IReadOnlySet<string> Keys { get; init; }

    /// <summary>The flags of the components that static pod manifests start, by component name.</summary>
    public required IReadOnlyDictionary<string, ComponentFlags> Components { get; init; }

    /// <summary>What is unreadable or malformed, each with its path.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    /// <summary>The API server's certificate, by either layout's name.</summary>
    public Certificate? ApiServer => Find("apiserver") ?? Find("server");

    /// <summary>The cluster's CA.</summary>
    public Certificate? Authority => Find("ca");

    /// <summary>A certificate by its name, or null.</summary>
    public Certificate? Find(string name) => Certificates.GetValueOrDefault(name);

    /// <summary>A component's flags; none where there is no manifest.</summary>
    public ComponentFlags FlagsOf(string component) => Components.GetValueOrDefault(component) ?? ComponentFlags.None;
}
