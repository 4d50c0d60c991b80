// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Cluster.Configuration;
using Sealock.Cluster.Creating;
using Sealock.Cluster.Planning;
using Sealock.Cluster.Sets;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Files;
using Sealock.Pki.Keys;

namespace Sealock.Cluster.Importing;

/// <summary>
/// Takes the files of a cluster that stands into a set's folder. Copies only; the source is never written to, and nothing
/// that stands in the set is replaced.
/// </summary>
public sealed class SetImport
{
    private readonly List<ImportedFile> _files = [];
    private readonly List<string> _problems = [];
    private readonly List<string> _notes = [];

    private SetImport()
    {
    }

    /// <summary>What is to be copied, in the order in which it is written.</summary>
    public IReadOnlyList<ImportedFile> Files => _files;

    /// <summary>What cannot be copied, each with its path.</summary>
    public IReadOnlyList<string> Problems => _problems;

    /// <summary>What was done differently from plain copying, in plain words.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Files of the set that stand already with another content: nothing is written over them.</summary>
    public IReadOnlyList<string> InTheWay => [.. _files.Where(file => Standing(file.Target) is { } there && !there.AsSpan().SequenceEqual(file.Content)).Select(file => file.Target)];

    /// <summary>Reads what is to be copied. Writes nothing.</summary>
    /// <param name="configuration">The cluster; usually what was inferred.</param>
    /// <param name="from">Where it stands.</param>
    /// <param name="to">The set to be.</param>
    public static SetImport Prepare(ClusterConfiguration configuration, SetFolder from, SetFolder to)
    {
        var import = new SetImport();
        var plan = ClusterPlan.For(configuration);
        foreach (var authority in plan.Authorities)
            import.Take(authority, from, to);
        import.Take(from.ServiceAccountKey, to.ServiceAccountKey, AtomicFile.Secret);
        import.Take(from.ServiceAccountPublicKeys, to.ServiceAccountPublicKeys, AtomicFile.Public);
        foreach (var file in plan.Files)
        {
            if (file.Content is SecretSetting secret)
                import.Take(from.PathOf(file), Path.Combine(to.Secrets, secret.Name), AtomicFile.Secret);
            import.Take(from.PathOf(file), to.PathOf(file), file.Mode);
        }

        return import;
    }

    /// <summary>Writes the files and the configuration; what stands already stays.</summary>
    /// <returns>How many files were written.</returns>
    /// <exception cref="CreationException">Something else stands in the way.</exception>
    public int Write(SetFolder to, string configuration)
    {
        if (InTheWay is [var first, ..] ways)
            throw new CreationException($"{first}{(ways.Count > 1 ? $" and {ways.Count - 1} more stand" : " stands")} there already with another content; import into a new folder");
        var writer = new SetWriter(null);
        AtomicFile.CreateFolder(to.Root);
        foreach (var file in _files.Where(file => Standing(file.Target) is null))
            writer.Write(file.Target, file.Content, file.Mode);
        // Last: a folder with it is a whole set.
        if (Standing(to.ConfigurationFile) is not { } there || !there.AsSpan().SequenceEqual(Encoding.UTF8.GetBytes(configuration)))
            writer.Write(to.ConfigurationFile, Encoding.UTF8.GetBytes(configuration), AtomicFile.Public);
        using var root = OpenFolder.Open(to.Root);
        root.SyncFileSystem();
        return writer.Count;
    }

    /// <summary>An authority's certificate goes first in its file, where a bundle has others before it.</summary>
    private void Take(PlannedAuthority authority, SetFolder from, SetFolder to)
    {
        var key = Read(from.KeyOf(authority));
        if (Read(from.CertificateOf(authority)) is { } certificate)
            _files.Add(new(from.CertificateOf(authority), to.CertificateOf(authority), Ordered(authority, certificate, key), AtomicFile.Public));
        if (key is not null)
            _files.Add(new(from.KeyOf(authority), to.KeyOf(authority), key, AtomicFile.Secret));
    }

    private byte[] Ordered(PlannedAuthority authority, byte[] certificatePem, byte[]? keyPem)
    {
        try
        {
            var all = Certificate.ListFromPem(Encoding.UTF8.GetString(certificatePem));
            if (all.Count == 1 || keyPem is null)
                return certificatePem;
            using var key = KeyPair.FromPem(Encoding.UTF8.GetString(keyPem));
            var own = all.FirstOrDefault(certificate => certificate.Matches(key));
            if (own is null || own.Equals(all[0]))
                return certificatePem;
            _notes.Add($"{authority.Name}: of {all.Count} certificates in its bundle, {own} belongs to the key; it comes first in the set");
            return Encoding.ASCII.GetBytes(Certificate.ToPem([own, .. all.Where(certificate => !certificate.Equals(own))]));
        }
        catch (PkiFormatException)
        {
            // What is broken is copied as it is, and told by the verification.
            return certificatePem;
        }
    }

    private void Take(string from, string to, UnixFileMode mode)
    {
        if (Read(from) is { } content && _files.All(file => file.Target != to))
            _files.Add(new(from, to, content, mode));
    }

    private byte[]? Read(string path)
    {
        try
        {
            if (!File.Exists(path))
                return null;
            if (new FileInfo(path).Length <= StandingFile.MaxBytes)
                return File.ReadAllBytes(path);
            _problems.Add($"{path}: it is larger than {StandingFile.MaxBytes / 1024} KiB");
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            _problems.Add($"{path}: {(fault is UnauthorizedAccessException ? "it cannot be read by this user" : fault.Message)}");
        }

        return null;
    }

    private static byte[]? Standing(string path) => File.Exists(path) ? File.ReadAllBytes(path) : null;
}

/// <summary>A file that is taken into a set.</summary>
/// <param name="Source">Where it stands.</param>
/// <param name="Target">Where it goes.</param>
/// <param name="Content">Its bytes.</param>
/// <param name="Mode">The mode it gets.</param>
public sealed record ImportedFile(string Source, string Target, byte[] Content, UnixFileMode Mode)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Source} -> {Target}";
}
