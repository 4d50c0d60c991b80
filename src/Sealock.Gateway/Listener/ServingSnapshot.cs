// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using System.Net;
using Sealock.Pki;
using Sealock.Pki.Certificates;
using Sealock.Pki.Paths;
using Sealock.Pki.Tls;

namespace Sealock.Gateway.Listener;

/// <summary>
/// Everything that handshakes and client certificates are decided by, as of one moment. Immutable; a change is a new
/// snapshot.
/// </summary>
internal sealed class ServingSnapshot
{
    private readonly FrozenDictionary<string, ServingCertificate> _byName;

    private ServingSnapshot(
        ServingCertificate fallback, FrozenDictionary<string, ServingCertificate> byName, TrustPool? clientCas,
        string servingCaPem)
    {
        Default = fallback;
        _byName = byName;
        ClientCas = clientCas;
        ServingCaPem = servingCaPem;
    }

    /// <summary>Served to clients that ask for no name, or for an unknown one.</summary>
    public ServingCertificate Default { get; }

    /// <summary>The CAs of client certificates; null where none are accepted.</summary>
    public TrustPool? ClientCas { get; }

    /// <summary>The CA of the serving certificate, PEM; empty where it is not known.</summary>
    public string ServingCaPem { get; }

    /// <summary>
    /// The certificate for a name: exact, then with its first label replaced by <c>*</c>, then the default. A client
    /// that sends no name is looked up by the address it connected to, as kube-apiserver does.
    /// </summary>
    public ServingCertificate CertificateFor(string name, string localAddress)
    {
        if (_byName.Count == 0)
            return Default;
        if (name.Length == 0)
            return _byName.GetValueOrDefault(localAddress, Default);
        name = name.TrimEnd('.');
        if (_byName.TryGetValue(name, out var exact))
            return exact;
        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && _byName.TryGetValue(string.Concat("*", name.AsSpan(dot)), out var wildcard)
            ? wildcard
            : Default;
    }

    /// <summary>Reads the files.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    /// <exception cref="PkiFormatException">A file does not parse, or a key is not its certificate's.</exception>
    public static ServingSnapshot Load(ServingFiles files)
    {
        var clientCas = files.ClientCaFile is { } clientCaFile
            ? Parsed(clientCaFile, () => TrustPool.FromPem(File.ReadAllText(clientCaFile)))
            : null;
        ServingCertificate Pair(string certificateFile, string keyFile) => Parsed(
            $"{certificateFile}, {keyFile}",
            () => ServingCertificate.FromPem(
                File.ReadAllText(certificateFile), File.ReadAllText(keyFile), passphrase: null, clientCas));

        var own = new Dictionary<string, ServingCertificate>(StringComparer.OrdinalIgnoreCase);
        var configured = new Dictionary<string, ServingCertificate>(StringComparer.OrdinalIgnoreCase);
        foreach (var sni in files.Sni)
        {
            var certificate = Pair(sni.CertificateFile, sni.KeyFile);
            var names = sni.Names.IsEmpty ? own : configured;
            foreach (var name in sni.Names.IsEmpty ? NamesOf(certificate.Certificate) : sni.Names)
                names.TryAdd(name, certificate);
        }

        foreach (var (name, certificate) in own)
            configured.TryAdd(name, certificate);
        return new ServingSnapshot(
            Pair(files.CertificateFile, files.KeyFile),
            configured.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase),
            clientCas,
            files.ServingCaFile is { } servingCaFile ? File.ReadAllText(servingCaFile) : "");
    }

    /// <summary>A certificate's DNS names, and its common name where that can be one (kube-apiserver's rule).</summary>
    private static IEnumerable<string> NamesOf(Certificate certificate) =>
        certificate.Subject.CommonName is { Length: > 0 } name && !name.Contains(' ', StringComparison.Ordinal) &&
            !IPAddress.TryParse(name, out _)
            ? certificate.Names.DnsNames.Prepend(name)
            : certificate.Names.DnsNames;

    private static T Parsed<T>(string files, Func<T> parse)
    {
        try
        {
            return parse();
        }
        catch (PkiFormatException error)
        {
            throw new PkiFormatException($"{files}: {error.Message}", error);
        }
    }
}
