// SPDX-License-Identifier: Apache-2.0
using System.Net.Security;
using System.Security.Authentication;
using Sealock.Api.Objects;

namespace Sealock.Settings;

/// <summary>All settings of <c>sealock server</c> that have an effect.</summary>
internal static class ServerSettingTable
{
    private static readonly string[] BuiltInSigners =
        ["kube-apiserver-client", "kube-apiserver-client-kubelet", "kubelet-serving", "legacy-unknown"];

    public static IReadOnlyList<Setting> All { get; } =
    [
        new("data", "DIR", "folder for everything that Sealock keeps: store, keys, certificates",
            (r, v) => r.DataDirectory = v),
        new("bind-address", "IP", "address to listen on (default 0.0.0.0)",
            (r, v) => r.BindAddress = r.Address(v) ?? r.BindAddress),
        new("secure-port", "PORT", "HTTPS port (default 6443; 0 picks a free one)",
            (r, v) => r.SecurePort = r.Integer(v, 0, 65535) ?? r.SecurePort),
        new("listen", "ADDR:PORT", "listen here, instead of --bind-address and --secure-port; repeatable",
            (r, v) => { if (r.EndPoint(v) is { } e) r.Listen.Add(e); }) { Repeatable = true },
        new("http-port", "PORT", "plain HTTP port, for ACME challenges, revocation lists and redirects to HTTPS, and nothing else (default: off; 80 is the one that CAs come to; 0 picks a free one)",
            (r, v) => r.Settings = r.Settings with { HttpPort = r.Integer(v, 0, 65535) }),
        new("hostname", "NAME", "further name or address in the serving certificate that Sealock makes; repeatable",
            (r, v) => r.HostNames.AddRange(SettingsReader.List(v).Where(r.IsHost))) { Repeatable = true },

        new("tls-mode", "MODE", "where the serving certificate comes from: selfSigned (default), acme, files (default with --tls-cert-file), secret; external: TLS ends at a load balancer, as with --external-tls", TlsModes),
        new("tls-secret", "NAMESPACE/NAME", "Secret of type kubernetes.io/tls with the serving certificate, for --tls-mode secret; followed when it changes", ServingSecret),
        new("tls-ca-file", "FILE", "CA of your own serving certificate (PEM): told to clients at /cacerts, and what takes the certificate's place must lead to it",
            (r, v) => r.Settings = r.Settings with { ServingCaFile = r.File(v) }),
        new("acme-server", "URL", "directory of the ACME server for --tls-mode acme (default: Let's Encrypt's)",
            (r, v) => { if (AcmeUrl(r, v) is { } url) r.Settings = r.Settings with { Acme = r.Settings.Acme with { Server = url } }; }),
        new("acme-email", "ADDRESS", "mail address that the ACME server may write to",
            (r, v) => r.Settings = r.Settings with { Acme = r.Settings.Acme with { Email = v } }),
        new("acme-ca-file", "FILE", "CAs by which the ACME server is verified, PEM (default: those of the system)",
            (r, v) => r.Settings = r.Settings with { Acme = r.Settings.Acme with { CaFile = r.File(v) } }),
        new("acme-eab-kid", "ID", "key identifier of an external account, where the ACME server demands one (ZeroSSL, Google)",
            (r, v) => r.Settings = r.Settings with { Acme = r.Settings.Acme with { ExternalKeyId = v } }),
        new("acme-eab-key-file", "FILE", "file with the external account's HMAC key in base64url",
            (r, v) => r.Settings = r.Settings with { Acme = r.Settings.Acme with { ExternalKeyFile = r.File(v) } }),
        new("acme-challenge", "TYPE", "how the ACME server validates the names: tls-alpn-01 (default, port 443) or http-01 (needs --http-port 80)", AcmeChallenge),
        new("tls-cert-file", "FILE", "serving certificate chain (PEM); reloaded when it changes",
            (r, v) => r.CertificateFile = r.File(v)),
        new("tls-private-key-file", "FILE", "key of the serving certificate (PEM)", (r, v) => r.KeyFile = r.File(v)),
        new("tls-sni-cert-key", "CERT,KEY[:NAMES]", "serving certificate for certain names; repeatable", NamedCertificate)
            { Repeatable = true },
        new("tls-min-version", "VERSION", "VersionTLS12 (default) or VersionTLS13", (r, v) =>
        {
            if (v is "VersionTLS10" or "VersionTLS11")
                r.Mistake($"{v} is broken and never offered; use VersionTLS12 or VersionTLS13");
            else if (v is not ("VersionTLS12" or "VersionTLS13"))
                r.Mistake($"\"{v}\" is no version; use VersionTLS12 or VersionTLS13");
            else
                r.Settings = r.Settings with { MinimumTls = v == "VersionTLS13" ? SslProtocols.Tls13 : SslProtocols.Tls12 };
        }),
        new("tls-cipher-suites", "NAMES", "cipher suites for TLS 1.2 by their IANA names, separated by commas", CipherSuites),

        new("client-ca-file", "FILE", "CAs whose client certificates are accepted (PEM bundle); reloaded when it changes",
            (r, v) => r.Settings = r.Settings with { ClientCaFile = r.File(v) }),
        new("client-crl-file", "FILE", "revocation lists of those CAs (PEM, or one in DER); reloaded when it changes",
            (r, v) => r.Settings = r.Settings with { ClientCrlFile = r.File(v) }),
        new("token-auth-file", "FILE", "static tokens: token,user,uid,\"group1,group2\"; reloaded when it changes",
            (r, v) => r.Settings = r.Settings with { TokenFile = r.File(v) }),
        new("anonymous-auth", "", "serve requests without credentials as system:anonymous (default true)",
            (r, v) => r.Settings = r.Settings with { AnonymousAuth = r.Boolean(v) ?? true }),
        new("enable-bootstrap-token-auth", "", "accept bootstrap tokens (default true)",
            (r, v) => r.Settings = r.Settings with { BootstrapTokens = r.Boolean(v) ?? true }),
        new("authorization-mode", "MODES", "RBAC; Node is accepted beside it", AuthorizationMode),

        new("service-account-key-file", "FILE", "key that verifies service account tokens; repeatable",
            (r, v) => { if (r.File(v) is { } f) r.Settings = r.Settings with { ServiceAccountKeyFiles = [.. r.Settings.ServiceAccountKeyFiles, f] }; })
            { Repeatable = true },
        new("service-account-signing-key-file", "FILE", "key that signs service account tokens", SigningKey),
        new("service-account-private-key-file", "FILE", "the same, as kube-controller-manager calls it", SigningKey),
        new("service-account-issuer", "URL", "issuer of service account tokens; the first signs; repeatable",
            (r, v) => r.Settings = r.Settings with { ServiceAccountIssuers = [.. r.Settings.ServiceAccountIssuers, v] })
            { Repeatable = true },
        new("service-account-max-token-expiration", "TIME", "longest lifetime of a service account token (default: as long as asked for)",
            (r, v) => r.Settings = r.Settings with
            {
                MaxTokenLifetime = r.Duration(v, TimeSpan.FromHours(1), TimeSpan.FromSeconds(1L << 32)) ?? TimeSpan.Zero,
            }),
        new("api-audiences", "NAMES", "audiences of this server (default: the issuer)",
            (r, v) => r.Settings = r.Settings with { Audiences = [.. r.Settings.Audiences, .. SettingsReader.List(v)] }) { Repeatable = true },
        new("root-ca-file", "FILE", "CA bundle that namespaces get as kube-root-ca.crt",
            (r, v) => r.Settings = r.Settings with { RootCaFile = r.File(v) }),

        new("cluster-signing-cert-file", "FILE", "CA certificate that signs certificate signing requests",
            (r, v) => r.SigningCertificateFile = r.File(v)),
        new("cluster-signing-key-file", "FILE", "key of that CA", (r, v) => r.SigningKeyFile = r.File(v)),
        new("cluster-signing-duration", "TIME", "longest lifetime of a certificate signed on request (default 8760h)", SigningDuration),
        new("crl-url", "URL", "where others reach this server, such as http://pki.example.com: named in what is signed on request, as the place of the CA's revocation list",
            (r, v) => r.Settings = r.Settings with { CrlUrl = CrlUrl(r, v) }),
        new("experimental-cluster-signing-duration", "TIME", "the same under its old name", SigningDuration),
        .. BuiltInSigners.SelectMany(SignerSettings),
        new("cluster-resource-namespace", "NAMESPACE", "where ClusterIssuers have their Secrets (default cert-manager)",
            (r, v) => r.Settings = r.Settings with { ClusterResourceNamespace = r.Namespace(v) ?? r.Settings.ClusterResourceNamespace }),
        new("trust-namespace", "NAMESPACE", "where Bundles have their sources (default: as --cluster-resource-namespace)",
            (r, v) => r.Settings = r.Settings with { TrustNamespace = r.Namespace(v) }),
        new("filter-expired-certificates", "", "leave expired certificates out of Bundles",
            (r, v) => r.Settings = r.Settings with { FilterExpiredCertificates = r.Boolean(v) ?? false }),
        new("probe-allow", "CIDR[:PORTS]", ProbeFlag.Help, (r, v) => r.Settings = r.Settings with
        {
            ProbeAllow = ProbeFlag.Add(r.Settings.ProbeAllow, v, r.Mistake),
        }) { Repeatable = true },
        new("acme-tls-alpn-forwarded", "", "port 443 of the names leads to this server, and TLS is not ended on the way: answer ACME challenges of the type TLS-ALPN-01 although no address given here has port 443",
            (r, v) => r.Settings = r.Settings with { TlsAlpnForwarded = r.Boolean(v) ?? false }),
        new("acme-dns01-hook", "FILE", "program that changes DNS records for ACME solvers of the webhook 'exec', called as: FILE present|cleanup NAME. VALUE",
            (r, v) => r.Settings = r.Settings with { AcmeDnsHook = r.File(v) }),
        new("acme-dns-servers", "ADDR:PORT", "DNS servers that are asked about ACME challenges and CAA records (default: those of the machine); repeatable",
            (r, v) => { if (r.EndPoint(v) is { } e) r.Settings = r.Settings with { AcmeDnsServers = [.. r.Settings.AcmeDnsServers, e] }; }) { Repeatable = true },
        new("signer", "NAME=NAMESPACE/SECRET", "signer of your own: the CA in a Secret signs for a signerName; repeatable", CustomSigner)
            { Repeatable = true },

        .. AuditSettingTable.All,
        .. LogSettingTable.All,

        .. TrafficSettingTable.All,
        new("max-requests-inflight", "N", "most read requests at once (default 400; 0: no limit)",
            (r, v) => r.Settings = r.Settings with { MaxRequestsInFlight = r.Integer(v, 0, 1_000_000) ?? 0 }),
        new("max-mutating-requests-inflight", "N", "most writing requests at once (default 200; 0: no limit)",
            (r, v) => r.Settings = r.Settings with { MaxMutatingRequestsInFlight = r.Integer(v, 0, 1_000_000) ?? 0 }),
        new("request-timeout", "TIME", "how long an ordinary request may take (default 60s)",
            (r, v) => r.Settings = r.Settings with
            {
                RequestTimeout = r.Duration(v, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)) ?? TimeSpan.FromSeconds(60),
            }),
    ];

    private static void TlsModes(SettingsReader reader, string value)
    {
        if (value == "external")
        {
            reader.Traffic.ExternalTls = true;
            return;
        }

        TlsMode? mode = value switch
        {
            "selfSigned" => TlsMode.SelfSigned,
            "acme" => TlsMode.Acme,
            "files" => TlsMode.Files,
            "secret" => TlsMode.Secret,
            _ => null,
        };
        if (mode is null)
            reader.Mistake($"\"{value}\" is no mode; use selfSigned, acme, files, secret or external");
        reader.TlsMode = mode;
    }

    private static void ServingSecret(SettingsReader reader, string value)
    {
        if (value.Split('/') is [var @namespace, var name] && NameRules.IsDnsLabel(@namespace) && NameRules.IsDnsSubdomain(name))
            reader.Settings = reader.Settings with { ServingSecret = new(@namespace, name) };
        else
            reader.Mistake($"\"{value}\" is not NAMESPACE/NAME; write it like kube-system/serving");
    }

    private static string? AcmeUrl(SettingsReader reader, string value)
    {
        if (Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Scheme == Uri.UriSchemeHttps)
            return value;
        reader.Mistake($"\"{value}\" is no HTTPS URL; give that of the server's directory, such as https://acme-v02.api.letsencrypt.org/directory");
        return null;
    }

    private static void AcmeChallenge(SettingsReader reader, string value)
    {
        if (value is not ("tls-alpn-01" or "http-01"))
            reader.Mistake($"\"{value}\" is not a challenge that the server answers by itself; use tls-alpn-01 or http-01");
        reader.Settings = reader.Settings with { Acme = reader.Settings.Acme with { OverHttp = value == "http-01" } };
    }

    private static void SigningKey(SettingsReader reader, string value)
    {
        var file = reader.File(value);
        if (reader.Settings.ServiceAccountSigningKeyFile is { } other && file is not null && other != file)
            reader.Mistake($"{other} was given too; a server signs with one key, so leave one of them out");
        reader.Settings = reader.Settings with { ServiceAccountSigningKeyFile = file };
    }

    private static string? CrlUrl(SettingsReader reader, string value)
    {
        if (Uri.TryCreate(value, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            && url.Query.Length == 0 && url.Fragment.Length == 0 && url.UserInfo.Length == 0)
            return value.TrimEnd('/');
        reader.Mistake($"\"{value}\" is no address; give one such as http://pki.example.com");
        return null;
    }

    private static void SigningDuration(SettingsReader reader, string value) => reader.Settings = reader.Settings with
    {
        ClusterSigningDuration = reader.Duration(value, TimeSpan.FromMinutes(10), TimeSpan.FromDays(36500)) ?? TimeSpan.FromDays(365),
    };

    private static void AuthorizationMode(SettingsReader reader, string value)
    {
        var modes = SettingsReader.List(value).ToList();
        foreach (var mode in modes)
        {
            if (mode is "AlwaysAllow" or "AlwaysDeny" or "ABAC" or "Webhook")
                reader.Mistake($"{mode} is not offered; leave the flag out (RBAC decides) and bind roles to your users");
            else if (mode is not ("RBAC" or "Node"))
                reader.Mistake($"\"{mode}\" is no authorization mode; use RBAC");
        }

        if (modes.Contains("Node"))
            reader.Warn("the node authorizer is part of the rules for system:nodes; Node itself has no effect");
    }

    private static IEnumerable<Setting> SignerSettings(string signer)
    {
        var name = "kubernetes.io/" + signer;
        var flag = signer == "kube-apiserver-client-kubelet" ? "kubelet-client" : signer;
        yield return new($"cluster-signing-{flag}-cert-file", "FILE", $"CA certificate of signer {name}",
            (r, v) => r.SignerFiles[name] = r.SignerFiles.GetValueOrDefault(name) with { Certificate = r.File(v) });
        yield return new($"cluster-signing-{flag}-key-file", "FILE", $"key of that CA",
            (r, v) => r.SignerFiles[name] = r.SignerFiles.GetValueOrDefault(name) with { Key = r.File(v) });
    }

    private static void CustomSigner(SettingsReader reader, string value)
    {
        var equals = value.IndexOf('=', StringComparison.Ordinal);
        var secret = equals < 0 ? [] : value[(equals + 1)..].Split('/');
        if (equals <= 0 || secret.Length != 2 || secret.Any(part => part.Length == 0))
            reader.Mistake($"\"{value}\" is not NAME=NAMESPACE/SECRET; write it like example.com/web=kube-system/web-ca");
        else if (!value.AsSpan(0, equals).Contains('/'))
            reader.Mistake($"\"{value[..equals]}\" is no signer name; it has a domain and a path, like example.com/web");
        else if (value.StartsWith("kubernetes.io/", StringComparison.Ordinal))
            reader.Mistake("signers below kubernetes.io are built in; choose a domain of your own");
        else
        {
            reader.Settings = reader.Settings with
            {
                CustomSigners = new Dictionary<string, string>(reader.Settings.CustomSigners) { [value[..equals]] = value[(equals + 1)..] },
            };
        }
    }

    private static void NamedCertificate(SettingsReader reader, string value)
    {
        var colon = value.LastIndexOf(':');
        var files = (colon < 0 ? value : value[..colon]).Split(',');
        if (files.Length != 2)
        {
            reader.Mistake($"\"{value}\" is not CERT,KEY[:NAMES]; write it like web.crt,web.key:web.example.com");
            return;
        }

        if (reader.File(files[0]) is { } certificate && reader.File(files[1]) is { } key)
        {
            var named = new NamedKeyPairFiles(new(certificate, key), colon < 0 ? [] : [.. SettingsReader.List(value[(colon + 1)..])]);
            reader.Settings = reader.Settings with { NamedCertificates = [.. reader.Settings.NamedCertificates, named] };
        }
    }

    private static void CipherSuites(SettingsReader reader, string value)
    {
        var suites = new List<TlsCipherSuite>();
        foreach (var name in SettingsReader.List(value))
        {
            if (!Enum.TryParse<TlsCipherSuite>(name, out var suite) || !Enum.IsDefined(suite))
                reader.Mistake($"\"{name}\" is no cipher suite; use IANA names such as TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256");
            else if (!IsStrong(name))
                reader.Mistake($"{name} has no forward secrecy or no authenticated encryption; use an ECDHE suite with GCM or CHACHA20");
            else
                suites.Add(suite);
        }

        reader.Settings = reader.Settings with { CipherSuites = suites };
    }

    private static bool IsStrong(string suite) =>
        (suite.StartsWith("TLS_ECDHE_", StringComparison.Ordinal) || !suite.Contains("_WITH_", StringComparison.Ordinal))
        && (suite.Contains("_GCM_", StringComparison.Ordinal) || suite.Contains("CHACHA20", StringComparison.Ordinal));
}
