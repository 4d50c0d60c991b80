// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Sealock.Pki.Certificates;

namespace Sealock.Tests.Cluster.Verifying;

/// <summary>What must be found: the rule, what it is about, and a part of the remedy.</summary>
internal sealed record Expected(string Rule, string Subject, string Fix);

/// <summary>One way in which a good set is broken, and all that must be found then: nothing less, nothing more.</summary>
internal sealed record Defect(string Name, Action<SetCopy> Break, params Expected[] Found);

/// <summary>
/// The defects that users have, one by one. The set has two control-plane nodes, master1 and master2, and worker1.
/// </summary>
internal static class DefectCatalogue
{
    private const string Renew = "sealock pki renew apiserver --node master1";
    private static readonly DateTimeOffset Now = SetCopy.Now;
    private static readonly string[] Client = [KeyPurposes.ClientAuth];

    public static IReadOnlyList<Defect> All { get; } =
    [
        // Validity.
        Leaf("an expired certificate", f => f with { NotAfter = Now.AddDays(-1) }, "expired"),
        Leaf("a certificate from tomorrow on", f => f with { NotBefore = Now.AddDays(1) }, "not-yet-valid"),
        Leaf("a certificate for ten days yet", f => f with { NotBefore = Now.AddDays(-355), NotAfter = Now.AddDays(10) }, "expiring"),
        Leaf("a certificate for 10,000 days", f => f with { NotAfter = Now.AddDays(10_000) }, "lifetime", "outlives-issuer"),
        Leaf("a certificate for four years", f => f with { NotAfter = Now.AddDays(4 * 366) }, "lifetime"),

        // Issuers.
        new("a certificate of the other CA", set => set.Forge("master1", "apiserver", f => f, authority: "etcd-ca"), new Expected("wrong-issuer", "master1/apiserver", Renew)),
        new("a certificate of another CA of the same name", set => set.Replace("master1", "apiserver", key => Signed(key, SetCopy.Stranger("kubernetes"))),
            new Expected("wrong-issuer", "master1/apiserver", Renew)),
        new("a certificate of an unknown CA", set => set.Replace("master1", "apiserver", key => Signed(key, SetCopy.Stranger())), new Expected("wrong-issuer", "master1/apiserver", Renew)),
        new("a certificate that signed itself", set => set.Replace("master1", "apiserver", key => ApiServer.Sign(key, null, key)), new Expected("wrong-issuer", "master1/apiserver", Renew)),
        new("an altered certificate", set => set.Replace("master1", "apiserver", _ => Altered(File.ReadAllText(set.Pki("master1", "apiserver.crt")))),
            new Expected("wrong-issuer", "master1/apiserver", Renew), new Expected("common-name", "master1/apiserver", Renew)),
        Leaf("an authority key identifier of a former CA", f => f with { AuthorityKeyIdentifier = new byte[20] }, "key-identifier"),

        // Names.
        Leaf("a name that the configuration asks for missing", f => f with { Names = [.. f.Names.Where(name => name != "api.example.com")] }, "name-missing"),
        Leaf("an address missing", f => f with { Names = [.. f.Names.Where(name => name != "10.96.0.1")] }, "name-missing"),
        Leaf("only a common name", f => f with { Names = [] }, "name-missing"),
        Leaf("a name that nobody asked for", f => f with { Names = [.. f.Names, "old.example.com"] }, "name-unplanned"),
        Leaf("an address written as a DNS name", f => f with { Names = [.. f.Names, "/10.0.0.77"] }, "name-odd", "name-unplanned"),
        Leaf("a wildcard for a whole domain", f => f with { Names = [.. f.Names, "*.com"] }, "name-odd", "name-unplanned"),

        // Subjects.
        Other("a misspelt group", "admin.conf", f => f with { Subject = "CN=kubernetes-admin, O=system:master" }, "organization"),
        Other("an administrator in the group that RBAC cannot restrict", "admin.conf", f => f with { Subject = "CN=kubernetes-admin, O=system:masters" }, "masters-group"),
        Other("no group", "apiserver-kubelet-client", f => f with { Subject = "CN=kube-apiserver-kubelet-client" }, "organization"),
        Other("another group than a node's", "kubelet.conf", f => f with { Subject = "CN=system:node:master1, O=nodes" }, "organization"),
        Other("another node's name", "kubelet.conf", f => f with { Subject = "CN=system:node:master2, O=system:nodes" }, "common-name"),
        Other("a plain host name for a node's user", "kubelet.conf", f => f with { Subject = "CN=master1, O=system:nodes" }, "common-name"),
        Other("the scheduler under another name", "scheduler.conf", f => f with { Subject = "CN=kube-scheduler" }, "common-name"),

        // Usages.
        Leaf("a client's usage on a server", f => f with { Purposes = Client }, "usage-missing"),
        Leaf("no extended usage", f => f with { Purposes = [] }, "usage-unlimited"),
        Leaf("a key usage that TLS cannot use", f => f with { KeyUsage = X509KeyUsageFlags.NonRepudiation }, "key-usage"),
        Leaf("a leaf that is a CA", f => f with { IsCa = true, KeyUsage = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyCertSign }, "leaf-is-ca"),
        Other("an etcd member that may not call others", "etcd-peer", f => f with { Purposes = [KeyPurposes.ServerAuth] }, "usage-missing"),
        Other("a client that may only serve", "front-proxy-client", f => f with { Purposes = [KeyPurposes.ServerAuth] }, "usage-missing"),

        // Keys, numbers, hashes.
        new("a key that is not the certificate's", set => File.WriteAllText(set.Pki("master1", "apiserver.key"), SetCopy.Pem(SetCopy.NewKey())),
            new Expected("key-mismatch", "master1/apiserver", Renew)),
        new("a certificate made with another certificate's key", set =>
            {
                using var other = ECDsa.Create();
                other.ImportFromPem(File.ReadAllText(set.Pki("master1", "front-proxy-client.key")));
                set.Forge("master1", "apiserver", f => f, other);
            },
            new Expected("key-mismatch", "master1/apiserver", Renew), new Expected("key-reused", "master1/front-proxy-client", "sealock pki renew front-proxy-client")),
        new("one key on two nodes", set =>
            {
                using var other = ECDsa.Create();
                other.ImportFromPem(File.ReadAllText(set.Pki("master1", "apiserver.key")));
                set.Forge("master2", "apiserver", f => f, other, writeKey: true);
            },
            new Expected("key-reused", "master2/apiserver", "sealock pki renew apiserver --node master2")),
        new("tokens signed with the server's key", set =>
            {
                using var other = ECDsa.Create();
                other.ImportFromPem(File.ReadAllText(set.Pki("master1", "apiserver.key")));
                File.WriteAllText(set.Folder.ServiceAccountKey, SetCopy.Pem(other));
                File.WriteAllText(set.Folder.ServiceAccountPublicKeys, SetCopy.PublicPem(other));
                foreach (var node in new[] { "master1", "master2" })
                {
                    File.WriteAllText(set.Pki(node, "sa.key"), SetCopy.Pem(other));
                    File.WriteAllText(set.Pki(node, "sa.pub"), SetCopy.PublicPem(other));
                }
            },
            new Expected("key-reused", "master1/apiserver", Renew),
            new Expected("service-account-key-shared", "master1/kube-apiserver", "name these in the flags"),
            new Expected("service-account-key-shared", "master1/kube-controller-manager", "name these in the flags"),
            new Expected("service-account-key-shared", "master2/kube-apiserver", "name these in the flags"),
            new Expected("service-account-key-shared", "master2/kube-controller-manager", "name these in the flags")),
        new("a key of 1,024 bits", set =>
            {
                using var weak = RSA.Create(1024);
                set.Forge("master1", "apiserver", f => f, weak, writeKey: true);
            },
            new Expected("key-weak", "master1/apiserver", Renew)),
        new("a serial number twice", set =>
            {
                var serial = Certificate.FromPem(File.ReadAllText(set.Pki("master1", "apiserver.crt"))).SerialNumber.Bytes.ToArray();
                set.Forge("master2", "apiserver", f => f with { Serial = serial });
            },
            new Expected("serial-reused", "master2/apiserver", "sealock pki renew apiserver --node master2")),
        Leaf("a serial number of 21 bytes", f => f with { Serial = [0x7f, .. new byte[20]] }, "serial-number"),

        // Files.
        new("a certificate that was cut off", set => set.Edit(set.Pki("master1", "apiserver.crt"), text => text[..(text.Length / 2)]), new Expected("pem-broken", "master1/apiserver", "sealock pki init")),
        new("a certificate with broken base64", set => set.Edit(set.Pki("master1", "apiserver.crt"), text => text.Replace("MII", "M?I", StringComparison.Ordinal)),
            new Expected("pem-broken", "master1/apiserver", "sealock pki init")),
        new("a block of PEM that is no certificate", set => File.WriteAllText(set.Pki("master1", "apiserver.crt"), "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n"),
            new Expected("certificate-malformed", "master1/apiserver", "sealock pki init")),
        new("an empty key", set => File.WriteAllText(set.Pki("master1", "apiserver.key"), ""), new Expected("file-empty", "master1/apiserver", "sealock pki init")),
        new("a key that is none", set => set.Edit(set.Pki("master1", "apiserver.key"), _ => "-----BEGIN EC PRIVATE KEY-----\nMAMCAQE=\n-----END EC PRIVATE KEY-----\n"),
            new Expected("key-unreadable", "master1/apiserver", Renew)),
        new("an encrypted key", set =>
            {
                using var key = SetCopy.NewKey();
                File.WriteAllText(set.Pki("master1", "apiserver.key"), key.ExportEncryptedPkcs8PrivateKeyPem("secret", new(PbeEncryptionAlgorithm.Aes128Cbc, HashAlgorithmName.SHA256, 1000)));
            },
            new Expected("key-unreadable", "master1/apiserver", "openssl pkey")),
        new("a missing certificate", set => File.Delete(set.Pki("master1", "apiserver.crt")), new Expected("file-missing", "master1/apiserver", "sealock pki init")),
        new("a missing key", set => File.Delete(set.Pki("worker1", "../../../var/lib/kubelet/pki/kubelet.key")), new Expected("file-missing", "worker1/kubelet-serving", "sealock pki init")),
        new("a missing kubeconfig", set => File.Delete(set.At("worker1", "/etc/kubernetes/kubelet.conf")), new Expected("file-missing", "worker1/kubelet.conf", "sealock pki init")),
        new("a certificate in DER", set => File.WriteAllBytes(set.Pki("master1", "apiserver.crt"), Certificate.FromPem(File.ReadAllText(set.Pki("master1", "apiserver.crt"))).Der.ToArray()),
            new Expected("not-pem", "master1/apiserver", "openssl x509 -inform der")),
        new("garbage for a certificate", set => File.WriteAllText(set.Pki("master1", "apiserver.crt"), "<html>404</html>"), new Expected("not-pem", "master1/apiserver", "sealock pki init")),
        new("a key in a file of certificates", set => File.AppendAllText(set.Pki("master1", "apiserver.crt"), File.ReadAllText(set.Pki("master1", "apiserver.key"))),
            new Expected("key-in-certificate-file", "master1/apiserver", Renew), new Expected("secret-readable", "master1/apiserver", "chmod 0600")),
        new("a foreign certificate after the leaf", set => File.AppendAllText(set.Pki("master1", "apiserver.crt"), File.ReadAllText(set.Pki("master1", "front-proxy-ca.crt"))),
            new Expected("foreign-certificate", "master1/apiserver", "remove it from")),

        // Authorities.
        new("a leaf among the CAs", set => File.AppendAllText(set.Pki("master1", "ca.crt"), File.ReadAllText(set.Pki("master1", "apiserver.crt"))), new Expected("leaf-in-bundle", "master1/ca", "remove it")),
        new("two CAs without a rotation", set => File.AppendAllText(set.Pki("worker1", "ca.crt"), SetCopy.Stranger().Certificate.ToPem()), new Expected("several-cas", "worker1/ca", "sealock pki init")),
        new("another CA on one node", set => File.WriteAllText(set.Pki("worker1", "ca.crt"), SetCopy.Stranger().Certificate.ToPem()), new Expected("ca-differs", "worker1/ca", "sealock pki distribute --node worker1")),
        new("a CA key that is not the CA's", set => File.WriteAllText(set.Folder.KeyOf(Sealock.Cluster.Planning.PlannedAuthority.Cluster), SetCopy.Pem(SetCopy.NewKey())),
            new Expected("ca-key-mismatch", "ca", "from a backup")),
        new("a CA's key on a worker", set => File.Copy(set.Pki("master1", "ca.key"), set.Pki("worker1", "ca.key")), new Expected("ca-key-on-worker", "worker1/ca.key", "rm ")),

        // Modes.
        new("a key that everyone may read", set => File.SetUnixFileMode(set.Pki("master1", "apiserver.key"), Mode("644")), new Expected("secret-readable", "master1/apiserver", "chmod 0600")),
        new("a key that its group may read", set => File.SetUnixFileMode(set.Pki("master1", "etcd/peer.key"), Mode("640")), new Expected("secret-readable", "master1/etcd-peer", "chmod 0600")),
        new("a kubeconfig that everyone may read", set => File.SetUnixFileMode(set.At("master1", "/etc/kubernetes/admin.conf"), Mode("644")), new Expected("secret-readable", "master1/admin.conf", "chmod 0600")),
        new("a bundle that everyone may write", set => File.SetUnixFileMode(set.Pki("master1", "ca.crt"), Mode("666")), new Expected("certificate-writable", "master1/ca.crt", "chmod 0644")),
        new("a folder that everyone may write", set => File.SetUnixFileMode(set.Pki("master1", "etcd"), Mode("777")), new Expected("folder-writable", "master1/etc/kubernetes/pki/etcd", "chmod 0755")),

        // Kubeconfigs.
        Kubeconfig("plain HTTP", text => text.Replace("https://", "http://", StringComparison.Ordinal), "kubeconfig-http", Scheduler),
        Kubeconfig("another server", text => text.Replace("10.0.0.1:6443", "10.0.0.7:6443", StringComparison.Ordinal), "kubeconfig-server", Scheduler),
        Kubeconfig("no verification", text => text.Replace("    server:", "    insecure-skip-tls-verify: true\n    server:", StringComparison.Ordinal), "kubeconfig-unverified", "--certificate-authority"),
        Kubeconfig("no CA", text => System.Text.RegularExpressions.Regex.Replace(text, " *certificate-authority-data: .*\n", ""), "kubeconfig-ca-missing", "--certificate-authority"),
        Kubeconfig("no context in use", text => System.Text.RegularExpressions.Regex.Replace(text, "current-context: .*\n", ""), "kubeconfig-context", "use-context"),
        Kubeconfig("an unknown context in use", text => System.Text.RegularExpressions.Regex.Replace(text, "current-context: .*\n", "current-context: gone\n"), "kubeconfig-unusable", "use-context"),
        Kubeconfig("no client certificate", text => System.Text.RegularExpressions.Regex.Replace(text, " *client-(certificate|key)-data: .*\n", "") + "    username: me\n", "kubeconfig-client-missing", Scheduler),
        Kubeconfig("a token beside the certificate", text => text.TrimEnd() + "\n    token: abc\n", "kubeconfig-token", "unset users"),
        Kubeconfig("broken YAML", text => text.Replace("clusters:", "clusters: [", StringComparison.Ordinal), "kubeconfig-unusable", Scheduler),
        new("a kubeconfig with another CA", set => set.SetData(set.At("master1", "/etc/kubernetes/scheduler.conf"), "certificate-authority-data", SetCopy.Stranger().Certificate.ToPem()),
            new Expected("kubeconfig-ca", "master1/scheduler.conf", Scheduler)),

        // Service accounts.
        new("a public key of another service account key", set => File.WriteAllText(set.Pki("master1", "sa.pub"), SetCopy.PublicPem(SetCopy.NewKey())),
            new Expected("service-account-pair", "master1/sa", "openssl pkey")),
        new("another service account key on one node", set =>
            {
                using var key = SetCopy.NewKey();
                File.WriteAllText(set.Pki("master2", "sa.key"), SetCopy.Pem(key));
                File.WriteAllText(set.Pki("master2", "sa.pub"), SetCopy.PublicPem(key));
            },
            new Expected("service-account-key-differs", "master2/sa", "sealock pki init")),

        // Settings.
        ApiFlag("the insecure port", [], "insecure-port=8080", "insecure-port", "write 0"),
        ApiFlag("an insecure address", [], "insecure-bind-address=0.0.0.0", "insecure-bind-address", "remove it"),
        ApiFlag("anonymous requests", ["anonymous-auth"], "anonymous-auth=true", "anonymous-auth", "write false"),
        ApiFlag("everyone allowed everything", ["authorization-mode"], "authorization-mode=AlwaysAllow", "always-allow", "Node,RBAC"),
        ApiFlag("no word on authorization", ["authorization-mode"], null, "always-allow", "Node,RBAC"),
        ApiFlag("etcd over plain HTTP", ["etcd-servers"], "etcd-servers=http://127.0.0.1:2379", "etcd-http", "https://"),
        ApiFlag("no client CA", ["client-ca-file"], null, "client-ca-missing", "--client-ca-file"),
        ApiFlag("kubelets over plain HTTP", [], "kubelet-https=false", "kubelet-https", "remove it"),
        ApiFlag("passwords in a file", [], "basic-auth-file=/etc/kubernetes/users.csv", "basic-auth-file", "OIDC"),
        ApiFlag("TLS 1.0", ["tls-min-version"], "tls-min-version=VersionTLS10", "tls-version", "VersionTLS12"),
        ApiFlag("suites without forward secrecy", ["tls-cipher-suites"], "tls-cipher-suites=TLS_RSA_WITH_3DES_EDE_CBC_SHA,TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "cipher-suites", "ECDHE"),
        ApiFlag("profiles for everyone", ["profiling"], "profiling=true", "profiling", "--profiling=false"),
        ApiFlag("a certificate that is not there", ["tls-cert-file"], "tls-cert-file=/etc/kubernetes/pki/server.crt", "flag-file-missing", "name the right one"),
        ApiFlag("a leaf for a CA", ["client-ca-file"], "client-ca-file=/etc/kubernetes/pki/apiserver.crt", "flag-file-wrong", "name the right file"),
        ApiFlag("another CA than etcd's", ["etcd-cafile"], "etcd-cafile=/etc/kubernetes/pki/front-proxy-ca.crt", "flag-file-wrong", "name the right file"),
        ApiFlag("another certificate's key", ["tls-private-key-file"], "tls-private-key-file=/etc/kubernetes/pki/front-proxy-client.key", "flag-pair", "belong together"),
        ApiFlag("one CA for users and the front proxy", ["requestheader-client-ca-file", "requestheader-allowed-names"], "requestheader-client-ca-file=/etc/kubernetes/pki/ca.crt", "front-proxy-ca-shared", "--requestheader-allowed-names"),
        ApiFlag("no CA of kubelets", ["kubelet-certificate-authority"], null, "kubelet-ca-missing", "--kubelet-certificate-authority"),
        new("etcd without client certificates", set => set.Flags("master1", "etcd", ["client-cert-auth"]), new Expected("etcd-client-auth", "master1/etcd", "--client-cert-auth=true")),
        new("etcd that asks for none", set => set.Flags("master1", "etcd", ["client-cert-auth"], "client-cert-auth=false"), new Expected("etcd-client-auth", "master1/etcd", "write true")),
        new("etcd members without certificates", set => set.Flags("master1", "etcd", ["peer-client-cert-auth"]), new Expected("etcd-peer-auth", "master1/etcd", "--peer-client-cert-auth=true")),
        new("etcd members over plain HTTP", set => set.Flags("master1", "etcd", ["listen-peer-urls"], "listen-peer-urls=http://10.0.0.1:2380"), new Expected("etcd-http", "master1/etcd", "https://")),
        Kubelet("a kubelet for everyone", text => text.Replace("    enabled: false", "    enabled: true", StringComparison.Ordinal), "anonymous-auth", "write false"),
        Kubelet("a kubelet's read-only port", text => text.Replace("readOnlyPort: 0", "readOnlyPort: 10255", StringComparison.Ordinal), "read-only-port", "write 0"),
        Kubelet("a kubelet that allows everything", text => text.Replace("mode: Webhook", "mode: AlwaysAllow", StringComparison.Ordinal), "always-allow", "Webhook"),
        Kubelet("a kubelet without client CA", text => System.Text.RegularExpressions.Regex.Replace(text, " *clientCAFile: .*\n", "    x: y\n"), "client-ca-missing", "--client-ca-file"),
        new("the scheduler's plain port", set => set.Flags("master1", "kube-scheduler", [], "port=10251"), new Expected("plain-port", "master1/kube-scheduler", "--port=0")),
    ];

    private const string Scheduler = "sealock pki renew scheduler.conf --node master1";

    private static Forgery ApiServer => new()
    {
        Subject = "CN=kube-apiserver",
        Names = ["api.example.com", "kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local", "master1", "10.0.0.1", "10.96.0.1"],
        Purposes = [KeyPurposes.ServerAuth],
        NotBefore = Now.AddDays(-1),
        NotAfter = Now.AddDays(364),
    };

    private static Defect Leaf(string name, Func<Forgery, Forgery> change, params string[] rules) => new(name,
        set => set.Forge("master1", "apiserver", change), [.. rules.Select(rule => new Expected(rule, "master1/apiserver", Renew))]);

    private static Defect Other(string name, string certificate, Func<Forgery, Forgery> change, params string[] rules) => new($"{name}: {certificate}",
        set => set.Forge("master1", certificate, change), [.. rules.Select(rule => new Expected(rule, "master1/" + certificate, $"sealock pki renew {certificate} --node master1"))]);

    private static Defect Kubeconfig(string name, Func<string, string> change, string rule, string fix) => new($"a kubeconfig with {name}",
        set => set.Edit(set.At("master1", "/etc/kubernetes/scheduler.conf"), change), new Expected(rule, "master1/scheduler.conf", fix));

    private static Defect ApiFlag(string name, string[] without, string? with, string rule, string fix) => new($"an API server with {name}",
        set => set.Flags("master1", "kube-apiserver", without, with is null ? [] : [with]), new Expected(rule, "master1/kube-apiserver", fix));

    private static Defect Kubelet(string name, Func<string, string> change, string rule, string fix) => new(name,
        set => set.Edit(set.At("worker1", "/var/lib/kubelet/config.yaml"), change), new Expected(rule, "worker1/kubelet", fix));

    private static Certificate Signed(AsymmetricAlgorithm key, (Certificate Certificate, AsymmetricAlgorithm Key) authority) => ApiServer.Sign(key, authority.Certificate, authority.Key);

    /// <summary>A letter of the subject is changed: the signature does not fit any more.</summary>
    private static Certificate Altered(string pem)
    {
        var der = Certificate.FromPem(pem).Der.ToArray();
        der[der.AsSpan().IndexOf("kube-apiserver"u8)] = (byte)'K';
        return Certificate.Parse(der);
    }

    private static UnixFileMode Mode(string octal) => (UnixFileMode)Convert.ToInt32(octal, 8);
}
