// SPDX-License-Identifier: Apache-2.0
using System.Collections.Frozen;
using System.Net;
using Sealock.Gateway.Metrics;
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
    private readonly FrozenSet<string> _namesOfDefault;

    private ServingSnapshot(
        ServingCertificate fallback, FrozenDictionary<string, ServingCertificate> byName, TrustPool? clientCas,
        string servingCaPem, TrustPool? requiredCas)
    {
        Default = fallback;
        _byName = byName;
        _namesOfDefault = AllNamesOf(fallback.Certificate).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
        ClientCas = clientCas;
        ServingCaPem = servingCaPem;
        RequiredCas = requiredCas;
        ServingCas = CertificatesIn(servingCaPem);
    }

    /// <summary>Served to clients that ask for no name, or for an unknown one.</summary>
    public ServingCertificate Default { get; }

    /// <summary>The CAs of client certificates; null where none are accepted.</summary>
    public TrustPool? ClientCas { get; }

    /// <summary>The CAs of the serving certificates, PEM; empty where none is known.</summary>
    public string ServingCaPem { get; }

    /// <summary>The same, read; what cannot be read is for clients to judge.</summary>
    public IReadOnlyList<Certificate> ServingCas { get; }

    /// <summary>The CAs that the default certificate has to lead to; null where none were named.</summary>
    public TrustPool? RequiredCas { get; }

    /// <summary>
    /// What stands in for names that the default has not: the certificate in the files where another was handed over in its place,
    /// or <see cref="ServingFiles.StandIn"/>; null for none.
    /// </summary>
    public ServingCertificate? StandIn { get; private init; }

    /// <summary>Where each of the certificates stands, in the words of metrics.</summary>
    public IReadOnlyDictionary<ServingCertificate, IReadOnlyList<(string Name, string Value)>> Places { get; private init; } =
        FrozenDictionary<ServingCertificate, IReadOnlyList<(string, string)>>.Empty;

    /// <summary>All that may be served, the default first.</summary>
    public IEnumerable<ServingCertificate> Certificates => _byName.Values.Prepend(Default).Distinct();

    /// <summary>For each certificate but the default, a name by which clients are shown it; none for one that has only addresses.</summary>
    public IEnumerable<string> NamesOfOthers =>
        from named in _byName
        where !ReferenceEquals(named.Value, Default) && !IPAddress.TryParse(named.Key, out _)
        group named.Key by named.Value into names
        let name = names.OrderBy(name => name[0] == '*').ThenBy(name => name, StringComparer.Ordinal).First()
        select name[0] == '*' ? $"any{name.AsSpan(1)}" : name;

    /// <summary>The certificate for a name, or the default where none has it; see <see cref="Find"/>.</summary>
    public ServingCertificate CertificateFor(string name, string localAddress) => Find(name, localAddress) ?? Default;

    /// <summary>
    /// The certificate that has a name: exactly, or with its first label replaced by <c>*</c>; null where none has. A
    /// client that sends no name is looked up by the address it connected to, as kube-apiserver does.
    /// </summary>
    public ServingCertificate? Find(string name, string localAddress)
    {
        var wanted = name.Length == 0 ? localAddress : name.TrimEnd('.');
        if (_byName.Count > 0)
        {
            if (_byName.TryGetValue(wanted, out var exact))
                return exact;
            var dot = name.IndexOf('.', StringComparison.Ordinal);
            if (dot > 0 && _byName.TryGetValue(string.Concat("*", wanted.AsSpan(dot)), out var wildcard))
                return wildcard;
        }

        return _namesOfDefault.Contains(wanted) ? Default : null;
    }

    /// <summary>Reads the files, and what was handed over in place of the certificate in them.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">A file may not be read.</exception>
    /// <exception cref="PkiFormatException">A file does not parse, or a key is not its certificate's.</exception>
    public static ServingSnapshot Load(ServingFiles files, HandedCertificate? handed = null)
    {
        var clientCas = files.ClientCaFile is { } clientCaFile
            ? Parsed(clientCaFile, () => TrustPool.FromPem(File.ReadAllText(clientCaFile)))
            : null;
        var places = new Dictionary<ServingCertificate, IReadOnlyList<(string, string)>>();
        ServingCertificate Pair(string certificateFile, string keyFile)
        {
            var pair = Parsed(
                $"{certificateFile}, {keyFile}",
                () => ServingCertificate.FromPem(
                    File.ReadAllText(certificateFile), File.ReadAllText(keyFile), passphrase: null, clientCas));
            places.Add(pair, MeasuredCertificate.InFile(certificateFile));
            return pair;
        }

        var own = new Dictionary<string, ServingCertificate>(StringComparer.OrdinalIgnoreCase);
        var configured = new Dictionary<string, ServingCertificate>(StringComparer.OrdinalIgnoreCase);
        foreach (var sni in files.Sni)
        {
            var pair = Pair(sni.CertificateFile, sni.KeyFile);
            var names = sni.Names.IsEmpty ? own : configured;
            foreach (var name in sni.Names.IsEmpty ? NamesOf(pair.Certificate) : sni.Names)
                names.TryAdd(name, pair);
        }

        foreach (var (name, pair) in own)
            configured.TryAdd(name, pair);
        var standing = Pair(files.CertificateFile, files.KeyFile);
        var servingCaPem = files.ServingCaFile is { } servingCaFile ? File.ReadAllText(servingCaFile) : "";
        if (handed is null)
        {
            var required = files.MustLeadToServingCa && servingCaPem.Length > 0
                ? Parsed(files.ServingCaFile ?? "", () => TrustPool.FromPem(servingCaPem))
                : null;
            var standIn = files.StandIn is { } local ? Pair(local.CertificateFile, local.KeyFile) : null;
            if (standIn is not null)
            {
                foreach (var name in AllNamesOf(standIn.Certificate).Where(name => HostNames.Refuse(standing.Certificate, name) is not null))
                    configured.TryAdd(name, standIn);
            }

            return new ServingSnapshot(
                standing, configured.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase), clientCas, servingCaPem, required)
            {
                StandIn = standIn,
                Places = places,
            };
        }

        if (handed.Fault.Length > 0)
            throw new PkiFormatException($"{handed.Origin}: {handed.Fault}");
        var (brought, cas) = Parsed(handed.Origin, () => (
            ServingCertificate.FromPem(handed.CertificatePem, handed.KeyPem, passphrase: null, clientCas),
            handed.CaPem.Length > 0 ? TrustPool.FromPem(handed.CaPem) : null));
        places.Add(brought, handed.Place);
        foreach (var name in AllNamesOf(brought.Certificate))
            configured.TryAdd(name, brought);
        foreach (var name in AllNamesOf(standing.Certificate))
            configured.TryAdd(name, standing);
        return new ServingSnapshot(
            brought, configured.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase), clientCas,
            cas is null ? servingCaPem : Joined(cas.ToPem(), servingCaPem), cas)
        {
            StandIn = standing,
            Places = places,
        };
    }

    private static string Joined(string one, string other) => one.EndsWith('\n') ? one + other : $"{one}\n{other}";

    private static IReadOnlyList<Certificate> CertificatesIn(string pem)
    {
        try
        {
            return pem.Length > 0 ? Certificate.ListFromPem(pem) : [];
        }
        catch (PkiFormatException)
        {
            return [];
        }
    }

    /// <summary>DNS names and addresses.</summary>
    private static IEnumerable<string> AllNamesOf(Certificate certificate) =>
        certificate.Names.DnsNames.Concat(certificate.Names.IpAddresses.Select(address => address.ToString()));

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
