// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using Sealock.Pki.Certificates;

namespace Sealock.Cluster.Surveying;

/// <summary>
/// All that was found in a scope at one moment: files, leaf certificates with their keys and issuers, CA certificates,
/// components' settings. Values only, so that whoever judges them needs no disk.
/// </summary>
public sealed class Survey
{
    private readonly FrozenDictionary<string, SurveyedFile> _byPathOnNode;
    private readonly FrozenSet<string> _folders;
    private readonly Lazy<IReadOnlyList<FoundComponent>> _components;

    private Survey(SurveyScope scope, IReadOnlyList<SurveyedFile> files, IReadOnlyList<SurveyedFolder> folders, DateTimeOffset now, TimeSpan within)
    {
        (Scope, Files, Folders, Now, Within) = (scope, files, folders, now, within);
        _byPathOnNode = files.DistinctBy(file => Key(file.Node, file.PathOnNode)).ToFrozenDictionary(file => Key(file.Node, file.PathOnNode));
        _folders = files.Where(file => !file.IsMissing).Select(file => Key(file.Node, Path.GetDirectoryName(file.PathOnNode) ?? "/")).ToFrozenSet();
        Authorities = [.. files.SelectMany(AuthoritiesOf)];
        Trust = new(this);
        Leaves = LeafSearch.Run(this);
        _components = new(() => ComponentSearch.Run(this));
    }

    /// <summary>Where was looked.</summary>
    public SurveyScope Scope { get; }

    /// <summary>The moment that validities are judged at.</summary>
    public DateTimeOffset Now { get; }

    /// <summary>How long before its end a certificate counts as expiring.</summary>
    public TimeSpan Within { get; }

    /// <summary>All files, tree by tree.</summary>
    public IReadOnlyList<SurveyedFile> Files { get; }

    /// <summary>The folders of these files.</summary>
    public IReadOnlyList<SurveyedFolder> Folders { get; }

    /// <summary>The certificates in files of authorities, and other CA certificates.</summary>
    public IReadOnlyList<SurveyedAuthority> Authorities { get; }

    /// <summary>All other certificates: the first of each file, and those of kubeconfigs.</summary>
    public IReadOnlyList<SurveyedLeaf> Leaves { get; }

    /// <summary>The components whose flags or configurations were found.</summary>
    public IReadOnlyList<FoundComponent> Components => _components.Value;

    /// <summary>Who trusts which authorities.</summary>
    internal AuthorityTrust Trust { get; }

    /// <summary>Reads and orders everything.</summary>
    /// <param name="scope">Where to look.</param>
    /// <param name="now">The moment that validities are judged at.</param>
    /// <param name="within">How long before its end a certificate counts as expiring.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static Survey Read(SurveyScope scope, DateTimeOffset now, TimeSpan within, CancellationToken cancellationToken) =>
        Read(scope, new SurveyReader(scope), now, within, cancellationToken);

    private static Survey Read(SurveyScope scope, SurveyReader reader, DateTimeOffset now, TimeSpan within, CancellationToken cancellationToken) =>
        new(scope, reader.Read(cancellationToken), reader.Folders, now, within);

    /// <summary>The file at an absolute path on a node; null where none was found.</summary>
    public SurveyedFile? Find(string node, string pathOnNode) => _byPathOnNode.GetValueOrDefault(Key(node, pathOnNode));

    /// <summary>The folder of a file that was found; null for a missing one's.</summary>
    public SurveyedFolder? FolderOf(SurveyedFile file) =>
        Folders.FirstOrDefault(folder => folder.Node == file.Node && folder.Path == Path.GetDirectoryName(file.Path));

    /// <summary>
    /// The file that a flag or configuration of <paramref name="from"/> names; where nothing stands at that path, the one of
    /// the same name beside it (a folder that is kept elsewhere than it is used).
    /// </summary>
    public SurveyedFile? Resolve(SurveyedFile from, string pathOnNode)
    {
        if (!pathOnNode.StartsWith('/'))
            pathOnNode = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(from.PathOnNode) ?? "/", pathOnNode));
        return Find(from.Node, pathOnNode)
            ?? Find(from.Node, Path.Combine(Path.GetDirectoryName(from.PathOnNode) ?? "/", Path.GetFileName(pathOnNode)));
    }

    /// <summary>True where the folder of a path was looked at, so that a file which was not found in it is missing.</summary>
    public bool HasFolderOf(string node, string pathOnNode) => _folders.Contains(Key(node, Path.GetDirectoryName(pathOnNode) ?? "/"));

    private static string Key(string node, string path) => $"{node}\0{path}";

    private static IEnumerable<SurveyedAuthority> AuthoritiesOf(SurveyedFile file) =>
        file.Pem is not { Certificates: [var first, ..] list } ? []
        : file.Role.Kind is RoleKind.AuthorityBundle or RoleKind.SigningCertificate
            || (file.Role.Kind == RoleKind.Unknown && RoleNames.IsCertificateName(file.Path) && LooksLikeAuthority(first))
            ? list.Select((certificate, index) => new SurveyedAuthority(file, certificate, index))
            : [];

    /// <summary>Certificates of version 1 cannot say that they are CAs: the name that signed itself stands for it.</summary>
    internal static bool LooksLikeAuthority(Certificate certificate) =>
        certificate.IsCa || (certificate.Version < 3 && certificate.IsSelfIssued);
}
