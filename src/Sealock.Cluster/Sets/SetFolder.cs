// SPDX-License-Identifier: Apache-2.0
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Planning;

namespace Sealock.Cluster.Sets;

/// <summary>
/// Where the certificate set of a whole cluster stands on the machine that keeps it: <c>cluster.yaml</c>, the authorities
/// with their keys, and below <c>nodes/NAME</c> the file system of each node as far as it is ours. Only paths; nothing
/// is read or written.
/// </summary>
public sealed class SetFolder
{
    private readonly IReadOnlyDictionary<string, NodeFolder> _nodes;
    /// <summary>The state folder of changes to the set, below its root: see <see cref="Staging.StagingOptions.StateFolder"/>.</summary>
    public const string StagingState = "state/staging";

    private readonly bool _inPlace;
    private readonly bool _flat;

    /// <summary>The paths of a set.</summary>
    /// <param name="root">The set's folder.</param>
    /// <param name="authorities">The folder of authorities; null: <c>ca</c> in the set's folder.</param>
    public SetFolder(string root, string? authorities = null)
    {
        Root = Path.GetFullPath(root);
        Authorities = authorities is null ? Path.Combine(Root, "ca") : Path.GetFullPath(authorities);
        _nodes = new Dictionary<string, NodeFolder>();
    }

    private SetFolder(string root, string authorities, bool inPlace)
        : this(root, authorities) => _inPlace = inPlace;

    /// <summary>The paths of one node whose files stand where they are used, such as <c>/etc/kubernetes/pki</c>.</summary>
    /// <param name="root">The root of the node's file system; <c>/</c> on the node itself.</param>
    /// <param name="authorities">The folder with <c>ca.crt</c>.</param>
    public static SetFolder InPlace(string root, string authorities) => new(root, authorities, inPlace: true);

    private SetFolder(string pkiFolder, ClusterLayout layout, IReadOnlyDictionary<string, NodeFolder> nodes)
    {
        Root = Authorities = Path.GetFullPath(pkiFolder);
        _nodes = nodes;
        _inPlace = true;
        _flat = layout == ClusterLayout.Flat;
    }

    /// <summary>
    /// The paths of a set that stands where it is used: the authorities in the control plane's folder of certificates, and
    /// every node's files in the node's own folder.
    /// </summary>
    /// <param name="pkiFolder">The first control-plane node's folder of certificates, such as <c>/etc/kubernetes/pki</c>.</param>
    /// <param name="layout">How the folders are laid out.</param>
    /// <param name="nodes">Where each node's files stand, by node name.</param>
    public static SetFolder InPlace(string pkiFolder, ClusterLayout layout, IReadOnlyDictionary<string, NodeFolder> nodes) =>
        new(pkiFolder, layout, nodes);

    /// <summary>True where the files stand where they are used.</summary>
    public bool IsInPlace => _inPlace;

    /// <summary>The set's folder.</summary>
    public string Root { get; }

    /// <summary>The folder of authorities and of the service account key.</summary>
    public string Authorities { get; }

    /// <summary>The configuration.</summary>
    public string ConfigurationFile => Path.Combine(Root, "cluster.yaml");

    /// <summary>Secrets of settings that are the same on several nodes.</summary>
    public string Secrets => Path.Combine(Root, "secrets");

    /// <summary>States of rotations, journals, locks.</summary>
    public string State => Path.Combine(Root, "state");

    /// <summary>The certificate of an authority.</summary>
    public string CertificateOf(PlannedAuthority authority) => Path.Combine(Authorities, StemOf(authority) + ".crt");

    /// <summary>What is trusted in an authority's name while it is rotated; absent otherwise.</summary>
    public string TrustedOf(PlannedAuthority authority) => Path.Combine(Authorities, authority.Stem + "-trusted.crt");

    /// <summary>What is sent after its leaves while it is rotated; absent otherwise.</summary>
    public string PresentedOf(PlannedAuthority authority) => Path.Combine(Authorities, authority.Stem + "-presented.crt");

    /// <summary>The old and the new keys of what is being rotated.</summary>
    public string RotationKeys => Path.Combine(Authorities, "rotation");

    /// <summary>The private key of an authority; absent where it is kept elsewhere.</summary>
    public string KeyOf(PlannedAuthority authority) => Path.Combine(Authorities, StemOf(authority) + ".key");

    /// <summary>The root above an intermediate authority; absent where there is none, or where it is kept elsewhere.</summary>
    public string RootCertificateOf(PlannedAuthority authority) => Path.Combine(Authorities, StemOf(authority) + "-root.crt");

    /// <summary>The key of the root above an intermediate authority: needed to make the authority anew, and best kept elsewhere.</summary>
    public string RootKeyOf(PlannedAuthority authority) => Path.Combine(Authorities, StemOf(authority) + "-root.key");

    /// <summary>The service account's private key.</summary>
    public string ServiceAccountKey => Path.Combine(Authorities, "sa.key");

    /// <summary>The service account's public keys.</summary>
    public string ServiceAccountPublicKeys => Path.Combine(Authorities, "sa.pub");

    /// <summary>The root of a node's file system.</summary>
    public string RootOf(ClusterNode node) => _inPlace ? Root.TrimEnd('/') : Path.Combine(Root, "nodes", node.Name);

    /// <summary>Where a node's file stands here.</summary>
    public string PathOf(PlannedFile file) =>
        _nodes.TryGetValue(file.Node.Name, out var folder) ? folder.PathOf(file.Path) : RootOf(file.Node) + file.Path;

    private string StemOf(PlannedAuthority authority) => _flat ? authority.Stem.Replace('/', '-') : authority.Stem;
}
