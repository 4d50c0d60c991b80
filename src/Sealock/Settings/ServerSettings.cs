// SPDX-License-Identifier: Apache-2.0
using System.Net.Security;
using System.Net;
using System.Security.Authentication;
using Sealock.Controllers.Issuance.Probing;
using Sealock.Gateway.Limits;
using Sealock.Hosting.Logs;

namespace Sealock.Settings;

/// <summary>What a server is to be, read from flags, from a configuration file, or chosen by <c>up</c>.</summary>
internal sealed record ServerSettings
{
    /// <summary>The folder in which everything is kept that Sealock makes itself.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>Addresses and ports to listen on; never empty.</summary>
    public required IReadOnlyList<IPEndPoint> Listen { get; init; }

    /// <summary>
    /// The port for plain HTTP: ACME challenges, revocation lists, redirects; 0 takes a free one, null leaves it off.
    /// </summary>
    public int? HttpPort { get; init; }

    /// <summary>Whether port 443 of the names leads here without TLS being terminated on the way.</summary>
    public bool TlsAlpnForwarded { get; init; }

    /// <summary>The program that changes DNS records for ACME; null for none.</summary>
    public string? AcmeDnsHook { get; init; }

    /// <summary>DNS servers that are asked about ACME challenges and CAA records; empty: those of the machine.</summary>
    public IReadOnlyList<IPEndPoint> AcmeDnsServers { get; init; } = [];

    /// <summary>Names and addresses that the serving certificate made here covers, beside the usual ones.</summary>
    public IReadOnlyList<string> HostNames { get; init; } = [];

    /// <summary>Where the serving certificate comes from.</summary>
    public TlsMode TlsMode { get; init; }

    /// <summary>The Secret with the serving certificate, for the modes secret and acme; null otherwise.</summary>
    public SecretName? ServingSecret { get; init; }

    /// <summary>CA of the serving certificate: served at /cacerts, and what replaces the certificate must lead to it.</summary>
    public string? ServingCaFile { get; init; }

    /// <summary>Where the serving certificate is ordered, for the mode acme.</summary>
    public AcmeServing Acme { get; init; } = new();

    /// <summary>The serving certificate and key; null: made here and renewed here.</summary>
    public KeyPairFiles? ServingCertificate { get; init; }

    /// <summary>Further serving certificates, chosen by the name that the client asks for.</summary>
    public IReadOnlyList<NamedKeyPairFiles> NamedCertificates { get; init; } = [];

    /// <summary>The oldest TLS version that is accepted.</summary>
    public SslProtocols MinimumTls { get; init; } = SslProtocols.Tls12;

    /// <summary>Cipher suites; empty: AEAD with forward secrecy.</summary>
    public IReadOnlyList<TlsCipherSuite> CipherSuites { get; init; } = [];

    /// <summary>CAs whose client certificates are accepted; null: the CA made here.</summary>
    public string? ClientCaFile { get; init; }

    /// <summary>Static tokens as CSV.</summary>
    public string? TokenFile { get; init; }

    /// <summary>Revocation lists of the CAs of clients.</summary>
    public string? ClientCrlFile { get; init; }

    /// <summary>Whether requests without credentials go on as system:anonymous.</summary>
    public bool AnonymousAuth { get; init; } = true;

    /// <summary>Whether bootstrap tokens are accepted.</summary>
    public bool BootstrapTokens { get; init; } = true;

    /// <summary>Public (or private) keys that verify service account tokens, beside the signing key's.</summary>
    public IReadOnlyList<string> ServiceAccountKeyFiles { get; init; } = [];

    /// <summary>Private key that signs service account tokens; null: made here.</summary>
    public string? ServiceAccountSigningKeyFile { get; init; }

    /// <summary>Issuer of service account tokens; the first signs, all verify.</summary>
    public IReadOnlyList<string> ServiceAccountIssuers { get; init; } = [];

    /// <summary>Longest lifetime of a service account token; zero: as long as asked for.</summary>
    public TimeSpan MaxTokenLifetime { get; init; }

    /// <summary>Audiences of this server; empty: the issuer.</summary>
    public IReadOnlyList<string> Audiences { get; init; } = [];

    /// <summary>CA that signs certificate signing requests; null: the CA made here where there is one.</summary>
    public KeyPairFiles? ClusterSigning { get; init; }

    /// <summary>CAs of single built-in signers, by signer name.</summary>
    public IReadOnlyDictionary<string, KeyPairFiles> SignerFiles { get; init; } = new Dictionary<string, KeyPairFiles>();

    /// <summary>Longest lifetime of a certificate signed on request.</summary>
    public TimeSpan ClusterSigningDuration { get; init; } = TimeSpan.FromDays(365);

    /// <summary>Where ClusterIssuers have their Secrets.</summary>
    public string ClusterResourceNamespace { get; init; } = "cert-manager";

    /// <summary>Where Bundles have their sources; null: where ClusterIssuers have their Secrets.</summary>
    public string? TrustNamespace { get; init; }

    /// <summary>Whether expired certificates are left out of Bundles.</summary>
    public bool FilterExpiredCertificates { get; init; }

    /// <summary>Which endpoints Certificates may have probed; null: other hosts' usual ports.</summary>
    public IReadOnlyList<ProbeRange>? ProbeAllow { get; init; }

    /// <summary>Under which address others fetch revocation lists; null names none in certificates.</summary>
    public string? CrlUrl { get; init; }

    /// <summary>Custom signers: signer name to namespace/name of the Secret with the CA.</summary>
    public IReadOnlyDictionary<string, string> CustomSigners { get; init; } = new Dictionary<string, string>();

    /// <summary>CA bundle given to pods (kube-root-ca.crt); null: the CA made here.</summary>
    public string? RootCaFile { get; init; }

    /// <summary>What is audited.</summary>
    public AuditSettings Audit { get; init; } = new();

    /// <summary>How log lines are written.</summary>
    public LogFormat LogFormat { get; init; }

    /// <summary>Whether a line is logged for each request.</summary>
    public bool AccessLog { get; init; }

    /// <summary>Most read requests served at once; 0: no limit.</summary>
    public int MaxRequestsInFlight { get; init; } = 400;

    /// <summary>Most writing requests served at once; 0: no limit.</summary>
    public int MaxMutatingRequestsInFlight { get; init; } = 200;

    /// <summary>Who may come in, by whom, and how much of it.</summary>
    public TrafficPolicy Traffic { get; init; } = new TrafficReader().Finish(400, 200);

    /// <summary>CA of the certificate that a load balancer shows to clients; null where TLS ends here.</summary>
    public string? ExternalCaFile { get; init; }

    /// <summary>The configuration file that the settings were read from, and how to read all of them again; null for none.</summary>
    public SettingsOrigin? Origin { get; init; }

    /// <summary>How long an ordinary request may take.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Called with the name of each step of issuance as it begins, for tests that kill there.</summary>
    public Action<string>? FaultPoint { get; init; }
}

/// <summary>Where the serving certificate comes from.</summary>
internal enum TlsMode
{
    /// <summary>Made and renewed here, by the CA made here.</summary>
    SelfSigned,

    /// <summary>Ordered from an ACME server; until it is there, as <see cref="SelfSigned"/>.</summary>
    Acme,

    /// <summary>In files.</summary>
    Files,

    /// <summary>In a Secret; until it is there, as <see cref="SelfSigned"/>.</summary>
    Secret,
}

/// <summary>A Secret.</summary>
internal sealed record SecretName(string Namespace, string Name)
{
    public override string ToString() => $"{Namespace}/{Name}";
}

/// <summary>Where and how the serving certificate is ordered.</summary>
internal sealed record AcmeServing
{
    /// <summary>The server's directory.</summary>
    public string Server { get; init; } = "https://acme-v02.api.letsencrypt.org/directory";

    /// <summary>Mail address that the server may write to; empty for none.</summary>
    public string Email { get; init; } = "";

    /// <summary>CAs by which the server is verified; null: those of the system.</summary>
    public string? CaFile { get; init; }

    /// <summary>The identifier of the external account's key, where the ACME server demands one (RFC 8555 section 7.3.4); null for none.</summary>
    public string? ExternalKeyId { get; init; }

    /// <summary>A file with that key in base64url; null exactly where there is no identifier.</summary>
    public string? ExternalKeyFile { get; init; }

    /// <summary>Whether names are validated over plain HTTP instead of TLS.</summary>
    public bool OverHttp { get; init; }
}
/// <summary>Where settings come from.</summary>
/// <param name="File">The configuration file.</param>
/// <param name="Given">All values as they were given, by setting.</param>
/// <param name="ReadAgain">Reads flags and file once more; throws <see cref="CommandException"/> where they have mistakes.</param>
internal sealed record SettingsOrigin(string File, IReadOnlyDictionary<string, List<string>> Given, Func<ServerSettings> ReadAgain);

/// <summary>A certificate chain and its private key, as PEM files.</summary>
internal sealed record KeyPairFiles(string CertificateFile, string KeyFile);

/// <summary>A key pair and the names for which it is served; no names: those in the certificate.</summary>
internal sealed record NamedKeyPairFiles(KeyPairFiles Files, IReadOnlyList<string> Names);
