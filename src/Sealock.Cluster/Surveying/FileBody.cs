// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Api.Kubeconfigs;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;

namespace Sealock.Cluster.Surveying;

/// <summary>What was found in a file.</summary>
public abstract record FileBody;

/// <summary>There is no such file though a plan names it, or it cannot be read.</summary>
/// <param name="Problem">Why it cannot be read, in plain words; null where it is missing.</param>
public sealed record NoBody(string? Problem) : FileBody;

/// <summary>PEM blocks, or one certificate or key in DER.</summary>
public sealed record PemBody : FileBody
{
    /// <summary>The certificates that could be read, in order.</summary>
    public IReadOnlyList<Certificate> Certificates { get; init; } = [];

    /// <summary>Why certificates could not be read, in plain words.</summary>
    public IReadOnlyList<string> Malformed { get; init; } = [];

    /// <summary>The private keys.</summary>
    public IReadOnlyList<SurveyedKey> PrivateKeys { get; init; } = [];

    /// <summary>The public keys.</summary>
    public IReadOnlyList<PublicKeyInfo> PublicKeys { get; init; } = [];

    /// <summary>How many blocks begin but are broken or cut off.</summary>
    public int BrokenBlocks { get; init; }

    /// <summary>True where blocks of other kinds (requests, CRLs…) are in it.</summary>
    public bool HasOthers { get; init; }

    /// <summary>True where the file is DER rather than PEM, which Kubernetes does not read.</summary>
    public bool IsDer { get; init; }
}

/// <summary>A private key.</summary>
/// <param name="Public">Its public half; null where the key cannot be read.</param>
/// <param name="Problem">Why it cannot be read, in plain words.</param>
/// <param name="IsEncrypted">True where a passphrase is needed.</param>
public sealed record SurveyedKey(PublicKeyInfo? Public, string? Problem, bool IsEncrypted);

/// <summary>A kubeconfig.</summary>
public sealed record KubeconfigBody : FileBody
{
    /// <summary>Why it cannot be read or used, in plain words; null where its context in use is sound.</summary>
    public string? Problem { get; init; }

    /// <summary>What its context in use stands for.</summary>
    public KubeconfigTarget? Target { get; init; }

    /// <summary>The certificates that the server's must chain to; null where there are none, in place or in a file.</summary>
    public PemBody? Authorities { get; init; }

    /// <summary>The client's certificates and, in place, its key; null where there are none.</summary>
    public PemBody? Client { get; init; }

    /// <summary>Files that it names and that are missing.</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];
}

/// <summary>YAML or JSON documents: a manifest, a component's configuration. Parsed when asked for.</summary>
public sealed record DocumentsBody : FileBody
{
    private readonly Lazy<(IReadOnlyList<JsonObject> Documents, string? Problem)> _parsed;

    internal DocumentsBody(Func<(IReadOnlyList<JsonObject> Documents, string? Problem)> parse) => _parsed = new(parse);

    /// <summary>Those documents that have fields.</summary>
    public IReadOnlyList<JsonObject> Documents => _parsed.Value.Documents;

    /// <summary>Why it cannot be read, in plain words.</summary>
    public string? Problem => _parsed.Value.Problem;
}

/// <summary>Any other text: variables for a service, a unit, an openssl configuration.</summary>
/// <param name="Text">The text.</param>
public sealed record TextBody(string Text) : FileBody;

/// <summary>Nothing that could be read as text.</summary>
public sealed record BinaryBody : FileBody;
