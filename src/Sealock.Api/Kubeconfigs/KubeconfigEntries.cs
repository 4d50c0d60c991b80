// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;

namespace Sealock.Api.Kubeconfigs;

/// <summary>A server and how to know it. Paths are absolute.</summary>
public sealed record KubeconfigCluster
{
    /// <summary>The entry's name.</summary>
    public required string Name { get; init; }

    /// <summary>The API server's URL.</summary>
    public required string Server { get; init; }

    /// <summary>File with PEM certificates that the server's must chain to; empty: none.</summary>
    public string CertificateAuthority { get; init; } = "";

    /// <summary>PEM certificates in place; they win over <see cref="CertificateAuthority"/>.</summary>
    public ImmutableArray<byte> CertificateAuthorityData { get; init; } = [];

    /// <summary>The name to check in the server's certificate where it is not the URL's host.</summary>
    public string TlsServerName { get; init; } = "";

    /// <summary>An http, https or socks5 proxy; empty: that of the environment.</summary>
    public string ProxyUrl { get; init; } = "";

    /// <summary>The server's certificate is not to be checked. Callers warn, or refuse.</summary>
    public bool InsecureSkipTlsVerify { get; init; }
}

/// <summary>Credentials. Paths are absolute. The text form shows no secrets.</summary>
public sealed record KubeconfigUser
{
    /// <summary>The entry's name.</summary>
    public required string Name { get; init; }

    /// <summary>File with the client's PEM certificate; empty: none.</summary>
    public string ClientCertificate { get; init; } = "";

    /// <summary>PEM certificate in place; it wins over <see cref="ClientCertificate"/>.</summary>
    public ImmutableArray<byte> ClientCertificateData { get; init; } = [];

    /// <summary>File with the client's PEM key; empty: none.</summary>
    public string ClientKey { get; init; } = "";

    /// <summary>PEM key in place; it wins over <see cref="ClientKey"/>.</summary>
    public ImmutableArray<byte> ClientKeyData { get; init; } = [];

    /// <summary>Bearer token; empty: none.</summary>
    public string Token { get; init; } = "";

    /// <summary>File with a bearer token that may change; it wins over <see cref="Token"/>.</summary>
    public string TokenFile { get; init; } = "";

    /// <summary>A user name for HTTP's basic authentication, which API servers no longer know; empty: none. It is read so that it can be refused.</summary>
    public string Username { get; init; } = "";

    /// <summary>A program that prints credentials; null: none.</summary>
    public KubeconfigExec? Exec { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"user {Name}";
}

/// <summary>A program that prints an ExecCredential. A command with a slash is relative to the file.</summary>
public sealed record KubeconfigExec
{
    /// <summary>The program.</summary>
    public required string Command { get; init; }

    /// <summary>Its arguments.</summary>
    public ImmutableArray<string> Arguments { get; init; } = [];

    /// <summary>Variables added to its environment.</summary>
    public ImmutableArray<KeyValuePair<string, string>> Environment { get; init; } = [];

    /// <summary>The version of client.authentication.k8s.io that it speaks.</summary>
    public string ApiVersion { get; init; } = "";

    /// <summary>What to tell the user where the program is missing.</summary>
    public string InstallHint { get; init; } = "";

    /// <summary><c>Never</c>, <c>IfAvailable</c> or <c>Always</c>; whether it gets a terminal.</summary>
    public string InteractiveMode { get; init; } = "";

    /// <summary>Whether it is told about the cluster.</summary>
    public bool ProvideClusterInfo { get; init; }
}

/// <summary>A pair of cluster and user, and the namespace to work in.</summary>
public sealed record KubeconfigContext
{
    /// <summary>The entry's name.</summary>
    public required string Name { get; init; }

    /// <summary>The cluster's name.</summary>
    public required string Cluster { get; init; }

    /// <summary>The user's name; may be empty.</summary>
    public string User { get; init; } = "";

    /// <summary>The namespace; empty means <c>default</c>.</summary>
    public string Namespace { get; init; } = "";
}

/// <summary>What a context stands for.</summary>
/// <param name="Context">The context's name; empty where none was named.</param>
/// <param name="Cluster">The server.</param>
/// <param name="User">The credentials; null: none.</param>
/// <param name="Namespace">The namespace, <c>default</c> where the context names none.</param>
public sealed record KubeconfigTarget(string Context, KubeconfigCluster Cluster, KubeconfigUser? User, string Namespace);
