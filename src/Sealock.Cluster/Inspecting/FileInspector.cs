// SPDX-License-Identifier: Apache-2.0
using Sealock.Pki;
using Sealock.Pki.Inspection;

namespace Sealock.Cluster.Inspecting;

/// <summary>Files and folders as sources, and the files that they name.</summary>
internal sealed class FileInspector(InspectionOptions options)
{
    private const int MaxNaming = 4;

    private readonly RootedFiles files = new(options.Root);
    private readonly HashSet<string> seen = new(StringComparer.Ordinal);
    private readonly Queue<NamedFile> named = new();
    private int namedCount;

    private sealed record NamedFile(FileReference Reference, string Folder, string By, int Depth);

    /// <summary>Bytes that the user named.</summary>
    public IReadOnlyList<InspectedSource> ReadBytes(string name, FileBytes file, string folder)
    {
        if (file.Bytes is not { } bytes)
            return [new() { Name = name, Failure = file.Failure }];
        var found = ReadKnown(name, bytes, folder, null, FileNames.Stem(name), 0) ?? [Unrecognized(name, bytes)];
        return [.. found, .. ReadNamed()];
    }

    /// <summary>A file or folder that the user named.</summary>
    public IReadOnlyList<InspectedSource> ReadPath(string path, CancellationToken cancellationToken)
    {
        if (!Path.Exists(path) && options.Root is not null && Path.IsPathRooted(path))
        {
            var below = files.Locate(path, "/");
            path = Path.Exists(below) ? below : path;
        }

        if (Directory.Exists(path))
            return ReadFolder(path, cancellationToken);
        seen.Add(RealPath(path));
        return ReadBytes(path, RootedFiles.Read(path, options.Contents.MaxBytes), FolderOf(path));
    }

    /// <summary>Every file below a folder that holds something; what does not is passed over silently.</summary>
    private List<InspectedSource> ReadFolder(string folder, CancellationToken cancellationToken)
    {
        var sources = new List<InspectedSource>();
        var count = 0;
        foreach (var path in FolderWalk.Files(folder, options.MaxDepth, sources))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (++count > options.MaxFiles)
            {
                sources.Add(new() { Name = folder, Failure = $"it holds more than {options.MaxFiles} files; name a folder further down" });
                break;
            }

            if (ReadFound(path) is { } found)
                sources.AddRange(found);
        }

        sources.AddRange(ReadNamed());
        if (sources.Count == 0)
            sources.Add(new() { Name = folder, Failure = "no certificate, key, request or CRL is in it" });
        return sources;
    }

    private List<InspectedSource>? ReadFound(string path)
    {
        var expected = FileNames.IsOfCertificates(path);
        var real = files.FollowLinks(path);
        if (LengthOf(real) is not { } length)
            return expected ? [new() { Name = path, Failure = "it is a link to nothing; is it of another machine, whose root --root has to name?" }] : null;
        // What has no length is empty, a pipe or a device: reading one that was not asked for might wait for ever.
        if (length == 0)
            return expected ? [new() { Name = path, Failure = "it is empty" }] : null;
        if (length > options.MaxFoundBytes || !seen.Add(RealPath(real)))
            return null;
        var file = RootedFiles.Read(real, options.MaxFoundBytes);
        if (file.Bytes is not { } bytes)
            return [new() { Name = path, Failure = file.Failure }];
        if (!expected && !FileNames.MayBeManifest(path) && !ContentReader.LooksLikeContent(bytes))
            return null;
        var found = ReadKnown(path, bytes, FolderOf(path), null, FileNames.Stem(path), 0);
        return found is { Count: > 0 } || !expected ? found : [Unrecognized(path, bytes)];
    }

    private List<InspectedSource> ReadNamed()
    {
        var sources = new List<InspectedSource>();
        while (named.TryDequeue(out var next))
        {
            var path = files.Locate(next.Reference.Path, next.Folder);
            if (!seen.Add(RealPath(path)))
                continue;
            var by = $"{next.By}: {next.Reference.Field}";
            if (++namedCount > options.MaxNamedFiles)
            {
                sources.Add(new() { Name = path, NamedBy = by, Failure = $"more than {options.MaxNamedFiles} files are named by others; name it yourself" });
                break;
            }

            var file = RootedFiles.Read(path, options.Contents.MaxBytes);
            var place = next.Reference.Group.Length > 0 ? next.Reference.Group : FileNames.Stem(path);
            if (file.Bytes is { } bytes)
                sources.AddRange(ReadKnown(path, bytes, FolderOf(path), by, place, next.Depth) ?? [Unrecognized(path, bytes) with { NamedBy = by }]);
            else
                sources.Add(new() { Name = path, NamedBy = by, Failure = file.Failure });
        }

        return sources;
    }

    /// <summary>Null where the bytes are of no form that is known.</summary>
    private List<InspectedSource>? ReadKnown(string name, byte[] bytes, string folder, string? by, string group, int depth)
    {
        if (!ContentReader.LooksLikeContent(bytes) && ReadDocuments(name, bytes, folder, by, depth) is { Count: > 0 } sources)
            return sources;
        try
        {
            var found = ContentReader.Read(bytes, options.Passphrase, options.Contents);
            return [new()
            {
                Name = name,
                Format = found.Format,
                NamedBy = by,
                Items = [.. found.Contents.Select(content => new InspectedItem(content) { Group = group })],
            }];
        }
        catch (PkiFormatException)
        {
            return null;
        }
    }

    private List<InspectedSource> ReadDocuments(string name, byte[] bytes, string folder, string? by, int depth)
    {
        var sources = new List<InspectedSource>();
        foreach (var document in Documents.Read(bytes, options.Contents).Objects)
        {
            var manifest = ManifestReader.Read(document, name, options.Passphrase, options.Contents);
            if (depth < MaxNaming)
            {
                foreach (var reference in manifest.References.Take(options.MaxNamedFiles + 1))
                    named.Enqueue(new(reference, folder, Path.GetFileName(name), depth + 1));
            }

            if (manifest.Items.Count > 0 || manifest.References.Count > 0)
                sources.Add(new() { Name = name, Format = manifest.Format, NamedBy = by, Items = manifest.Items });
        }

        return sources;
    }

    private InspectedSource Unrecognized(string name, byte[] bytes)
    {
        if (!bytes.AsSpan().ContainsAnyExcept(" \t\r\n"u8))
            return new() { Name = name, Failure = "it is empty" };
        if (bytes.AsSpan() is [0xfe, 0xed, 0xfe, 0xed, ..] or [0xce, 0xce, 0xce, 0xce, ..])
        {
            return new()
            {
                Name = name,
                Failure = "it is a Java keystore; convert it: keytool -importkeystore -srckeystore FILE -destkeystore NEW.p12 -deststoretype PKCS12",
            };
        }

        var documents = Documents.Read(bytes, options.Contents);
        var looksLikeText = !bytes.AsSpan().ContainsAnyInRange((byte)0, (byte)8);
        return new()
        {
            Name = name,
            Failure = documents is { Problem: null, Objects: [var only, ..] }
                ? $"there is no certificate, key, request or CRL in it ({ManifestReader.NameOf(only)})"
                : documents.Problem is { } problem && looksLikeText && FileNames.MayBeManifest(name) && Path.HasExtension(name)
                    ? $"it is malformed: {problem}"
                    : "it is neither PEM, DER, PKCS#7, PKCS#12 nor a manifest with certificates",
        };
    }

    /// <summary>The length of a file at the end of a link; null where there is none.</summary>
    private static long? LengthOf(string path)
    {
        try
        {
            return (File.ResolveLinkTarget(path, returnFinalTarget: true) as FileInfo ?? new FileInfo(path)) is { Exists: true, Length: var length } ? length : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static string RealPath(string path)
    {
        try
        {
            return Path.GetFullPath(File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return Path.GetFullPath(path);
        }
    }

    private static string FolderOf(string path) => Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
}
