// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki.Inspection;

namespace Sealock.Cluster.Inspecting;

/// <summary>How targets are read, and what is taken of them at most.</summary>
public sealed record InspectionOptions
{
    /// <summary>Opens PKCS#12 and encrypted keys; null for none.</summary>
    public string? Passphrase { get; init; }

    /// <summary>Files that manifests and kubeconfigs name are looked for below this folder; null: where they are named.</summary>
    public string? Root { get; init; }

    /// <summary>The server name (SNI) for endpoints; null: the host, where it is a name.</summary>
    public string? ServerName { get; init; }

    /// <summary>Application protocols offered to endpoints (ALPN).</summary>
    public IReadOnlyList<string> ApplicationProtocols { get; init; } = [];

    /// <summary>For connecting and the handshake together.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What is taken of one file's bytes.</summary>
    public ContentLimits Contents { get; init; } = new();

    /// <summary>Files of one folder, those below it included.</summary>
    public int MaxFiles { get; init; } = 20_000;

    /// <summary>Folders within each other.</summary>
    public int MaxDepth { get; init; } = 16;

    /// <summary>Bytes of a file that is come upon in a folder, rather than named.</summary>
    public int MaxFoundBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>Files that are read because other files name them.</summary>
    public int MaxNamedFiles { get; init; } = 1000;
}
