// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Api.Kubeconfigs;
using Sealock.Cluster.Planning;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;

namespace Sealock.Cluster.Sets;

/// <summary>
/// What stands where a planned file belongs. The bytes are read once; what they hold is parsed when asked for, and what
/// is wrong with it is a value, never an exception.
/// </summary>
public sealed class StandingFile
{
    /// <summary>The most bytes that are read: far beyond any bundle.</summary>
    public const int MaxBytes = 1024 * 1024;

    private readonly Lazy<(IReadOnlyList<Certificate> List, string? Problem)> _certificates;
    private readonly Lazy<(Kubeconfig? Value, string? Problem)> _kubeconfig;

    private StandingFile(PlannedFile planned, string path, byte[]? content, UnixFileMode? mode, string? problem)
    {
        (Planned, Path, Content, Mode, Problem) = (planned, path, content, mode, problem);
        _certificates = new(ParseCertificates);
        _kubeconfig = new(ParseKubeconfig);
    }

    /// <summary>What is to stand here.</summary>
    public PlannedFile Planned { get; }

    /// <summary>Where it was looked for.</summary>
    public string Path { get; }

    /// <summary>The bytes; null where the file is missing or cannot be read.</summary>
    public byte[]? Content { get; }

    /// <summary>The permissions; null where the file is missing.</summary>
    public UnixFileMode? Mode { get; }

    /// <summary>Why it cannot be read, in plain words; null where it was read or is missing.</summary>
    public string? Problem { get; }

    /// <summary>True where there is no such file.</summary>
    public bool IsMissing => Content is null && Problem is null;

    /// <summary>The certificates in it: of a PEM file all, of a kubeconfig the client's.</summary>
    public IReadOnlyList<Certificate> Certificates => _certificates.Value.List;

    /// <summary>Why there are none or not all, in plain words; null where the file is missing or sound.</summary>
    public string? CertificateProblem => _certificates.Value.Problem;

    /// <summary>The kubeconfig in it; null where it is none.</summary>
    public Kubeconfig? Kubeconfig => _kubeconfig.Value.Value;

    /// <summary>Why it is no kubeconfig with one usable context, in plain words; null where it is missing or sound.</summary>
    public string? KubeconfigProblem => _kubeconfig.Value.Problem;

    /// <summary>The text, where the file was read.</summary>
    public string Text => Content is null ? "" : Encoding.UTF8.GetString(Content);

    /// <summary>What the kubeconfig's context in use stands for; null where there is none.</summary>
    public KubeconfigTarget? Target => Kubeconfig is { } config && config.TryResolve(null, out var target, out _) ? target : null;

    /// <summary>Reads the file that stands for <paramref name="planned"/> at <paramref name="path"/>.</summary>
    public static StandingFile Read(PlannedFile planned, string path)
    {
        // Of a new set thousands are missing: asking costs a tenth of an exception.
        if (!System.IO.Path.Exists(path))
            return new(planned, path, null, null, null);
        try
        {
            using var stream = new FileStream(path, new FileStreamOptions { BufferSize = 0, Share = FileShare.ReadWrite | FileShare.Delete });
            var mode = File.GetUnixFileMode(stream.SafeFileHandle);
            if (stream.Length > MaxBytes)
                return new(planned, path, null, mode, $"it is larger than {MaxBytes / 1024} KiB");
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            return new(planned, path, content, mode, null);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return new(planned, path, null, null, null);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return new(planned, path, null, null, fault is UnauthorizedAccessException && Directory.Exists(path)
                ? "it is a folder" : fault.Message);
        }
    }

    /// <summary>The private key in it. The caller disposes it.</summary>
    /// <param name="passphrase">For an encrypted key.</param>
    /// <param name="problem">Why there is none, in plain words; null where there is one or the file is missing.</param>
    public KeyPair? ReadKey(string? passphrase, out string? problem)
    {
        problem = Problem;
        if (Content is null)
            return null;
        var pem = Planned.Content is LeafKubeconfig ? KeyOfKubeconfig(out problem) : Text;
        if (pem is null)
            return null;
        try
        {
            return KeyPair.FromPem(pem, passphrase);
        }
        catch (PkiFormatException fault)
        {
            problem = fault.Message;
            return null;
        }
    }

    private string? KeyOfKubeconfig(out string? problem)
    {
        problem = KubeconfigProblem;
        if (Target?.User is { ClientKeyData: { IsDefaultOrEmpty: false } data })
            return Encoding.UTF8.GetString(data.AsSpan());
        problem ??= "the kubeconfig holds no client key";
        return null;
    }

    private (IReadOnlyList<Certificate>, string?) ParseCertificates()
    {
        if (Content is null)
            return ([], Problem);
        try
        {
            if (Planned.Content is not LeafKubeconfig)
                return (Certificate.ListFromPem(Text), null);
            if (Target?.User is { ClientCertificateData: { IsDefaultOrEmpty: false } data })
                return (Certificate.ListFromPem(Encoding.UTF8.GetString(data.AsSpan())), null);
            return ([], KubeconfigProblem ?? "the kubeconfig holds no client certificate");
        }
        catch (PkiFormatException fault)
        {
            return ([], fault.Message);
        }
    }

    private (Kubeconfig?, string?) ParseKubeconfig()
    {
        if (Content is null)
            return (null, Problem);
        if (!Kubeconfig.TryParse(Text, System.IO.Path.GetDirectoryName(Path) ?? "/", out var config, out var error))
            return (null, error);
        return config.TryResolve(null, out _, out error) ? (config, null) : (config, error);
    }
}
