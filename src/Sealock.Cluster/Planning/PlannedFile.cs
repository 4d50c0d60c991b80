// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Configuration;

namespace Sealock.Cluster.Planning;

/// <summary>A file as it is to stand on a node.</summary>
/// <param name="Node">The node.</param>
/// <param name="Path">The absolute path on the node.</param>
/// <param name="Content">What is in it.</param>
/// <param name="Mode">Its permissions.</param>
/// <param name="Owner">Its owner, as <c>user:group</c>.</param>
public sealed record PlannedFile(ClusterNode Node, string Path, FileContent Content, UnixFileMode Mode, string Owner)
{
    /// <summary>Node and path: which file of the cluster it is.</summary>
    public string Title => $"{Node.Name}:{Path}";
}

/// <summary>What a planned file holds.</summary>
public abstract record FileContent;

/// <summary>The trust bundle of an authority in PEM: its certificate, and during a rotation the other one, too.</summary>
public sealed record AuthorityBundle(PlannedAuthority Authority) : FileContent;

/// <summary>
/// The one certificate that signs, in PEM, where it differs from what is trusted (an intermediate CA, a rotation): what
/// <c>--cluster-signing-cert-file</c> takes.
/// </summary>
public sealed record AuthorityCertificate(PlannedAuthority Authority) : FileContent;

/// <summary>The private key of an authority in PEM.</summary>
public sealed record AuthorityKey(PlannedAuthority Authority) : FileContent;

/// <summary>A leaf and the intermediates that lead to what is trusted, in PEM.</summary>
public sealed record LeafCertificate(PlannedCertificate Certificate) : FileContent;

/// <summary>The private key of a leaf in PEM.</summary>
public sealed record LeafKey(PlannedCertificate Certificate) : FileContent;

/// <summary>A kubeconfig with bundle, leaf and key in place.</summary>
/// <param name="Certificate">The client's certificate; the context's user is its common name.</param>
/// <param name="Server">URL of the API server.</param>
public sealed record LeafKubeconfig(PlannedCertificate Certificate, string Server) : FileContent;

/// <summary>The private key that signs service account tokens, in PEM.</summary>
public sealed record ServiceAccountKey : FileContent;

/// <summary>The public keys that verify service account tokens, in PEM: during a rotation the former one, too.</summary>
public sealed record ServiceAccountPublicKeys : FileContent;

/// <summary>A component's settings: a text that follows from the configuration alone.</summary>
public sealed record Setting(string Text) : FileContent;

/// <summary>A component's settings with secrets in them, made once and kept: tokens, encryption keys.</summary>
/// <param name="Name">Which; the same name is the same secret on every node.</param>
public sealed record SecretSetting(string Name) : FileContent;
