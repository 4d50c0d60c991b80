// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Sealock.Cluster.Inspecting;
using Sealock.Pki;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Tests.Support;
using Xunit.Abstractions;

namespace Sealock.Tests.Cluster.Inspecting;

/// <summary>Where certificates stand in objects, and which files objects name.</summary>
public sealed class ManifestTests(ITestOutputHelper output)
{
    private static readonly (string Certificate, string Key) Pair = MakePair();

    private static readonly string Base64Certificate = Convert.ToBase64String(Encoding.ASCII.GetBytes(Pair.Certificate));
    private static readonly string Base64Key = Convert.ToBase64String(Encoding.ASCII.GetBytes(Pair.Key));

    public static TheoryData<string, string, string> Manifests => new()
    {
        {
            "{apiVersion: v1, kind: Secret, metadata: {name: web, namespace: shop}, data: {tls.crt: CERT, tls.key: KEY, other: dGV4dA==}}",
            "Secret shop/web", "tls.crt: certificate, tls.key: private key"
        },
        { "{kind: Secret, metadata: {name: web}, data: {tls.crt: '???', ca.crt: dGV4dA==}}", "Secret web", "tls.crt: entry, ca.crt: entry" },
        { "{kind: Secret, metadata: {name: web}, stringData: {tls.crt: TEXT}}", "Secret web", "tls.crt: certificate" },
        { "{kind: ConfigMap, metadata: {name: trust}, data: {bundle: TEXT, note: hello}, binaryData: {x: CERT}}", "ConfigMap trust", "bundle: certificate, x: certificate" },
        {
            "{kind: ConfigMap, metadata: {name: cluster-info}, data: {kubeconfig: \"{clusters: [{name: k, cluster: {certificate-authority-data: CERT}}]}\"}}",
            "ConfigMap cluster-info", "kubeconfig.clusters[k].certificate-authority-data: certificate"
        },
        {
            "{kind: ValidatingWebhookConfiguration, metadata: {name: w}, webhooks: [{name: a.b.c, clientConfig: {caBundle: CERT}}, {name: d, clientConfig: {caBundle: dGV4dA==}}]}",
            "ValidatingWebhookConfiguration w", "webhooks[a.b.c].caBundle: certificate, webhooks[d].caBundle: entry"
        },
        { "{kind: APIService, metadata: {name: v1.x}, spec: {caBundle: CERT}}", "APIService v1.x", "spec.caBundle: certificate" },
        {
            "{kind: CustomResourceDefinition, metadata: {name: x}, spec: {conversion: {webhook: {clientConfig: {caBundle: CERT}}}}}",
            "CustomResourceDefinition x", "spec.conversion.webhook.clientConfig.caBundle: certificate"
        },
        {
            "{kind: CertificateSigningRequest, metadata: {name: r}, spec: {request: CERT}, status: {certificate: CERT}}",
            "CertificateSigningRequest r", "spec.request: certificate, status.certificate: certificate"
        },
        {
            "{apiVersion: v1, kind: Config, clusters: [{name: k, cluster: {certificate-authority-data: CERT}}], users: [{name: u, user: {client-certificate-data: CERT, client-key-data: KEY}}]}",
            "kubeconfig", "clusters[k].certificate-authority-data: certificate, users[u].client-certificate-data: certificate, users[u].client-key-data: private key"
        },
        { "{kind: Config, users: [{name: u, user: {client-key-data: '%%%'}}]}", "kubeconfig", "users[u].client-key-data: entry" },
        { "{kind: Anything, spec: {deep: [[{x: TEXT}]]}}", "Anything", "spec.deep[0][0].x: certificate" },
        { "{kind: Pod, spec: {containers: []}, a: null, b: 1, c: true}", "Pod", "" },
    };

    public static TheoryData<string, string> References => new()
    {
        {
            "{kind: Pod, spec: {containers: [{name: c, command: [kube-apiserver, --tls-cert-file=/a.crt, --tls-private-key-file, /a.key, --v=2], args: [--etcd-cafile=/e.crt]}]}}",
            "/a.crt --tls-cert-file paired; /a.key --tls-private-key-file paired; /e.crt --etcd-cafile"
        },
        {
            "{kind: Pod, spec: {volumes: [{name: v, hostPath: {path: /host/pki}}, {name: w, hostPath: {path: /deep}}], containers: [{name: c, command: ['--client-ca-file=/certs/x/ca.crt', '--cert-file=/certs/b.crt', '--key-file=/certsx/b.key'], volumeMounts: [{name: v, mountPath: /certs}, {name: w, mountPath: /certs/x, subPath: s}]}]}}",
            "/deep/s/ca.crt --client-ca-file; /host/pki/b.crt --cert-file paired; /certsx/b.key --key-file paired"
        },
        { "{kind: Pod, spec: {containers: [{name: c, command: ['--tls-sni-cert-key=/a.crt,/a.key:x.example.com']}]}}", "/a.crt --tls-sni-cert-key paired; /a.key --tls-sni-cert-key paired" },
        { "{kind: KubeletConfiguration, authentication: {x509: {clientCAFile: /ca.crt}}, tlsCertFile: /k.crt, tlsPrivateKeyFile: /k.key}", "/ca.crt authentication.x509.clientCAFile; /k.crt tlsCertFile paired; /k.key tlsPrivateKeyFile paired" },
        {
            "{kind: Config, clusters: [{name: k, cluster: {certificate-authority: ca.crt}}], users: [{name: u, user: {client-certificate: u.crt, client-key: u.key}}]}",
            "ca.crt clusters[k].certificate-authority; u.crt users[u].client-certificate paired; u.key users[u].client-key paired"
        },
        { "{kind: KubeProxyConfiguration, clientConnection: {kubeconfig: /proxy.conf}}", "/proxy.conf clientConnection.kubeconfig" },
        { "{apiVersion: sealock.dev/v1, kind: ServerConfiguration, client-ca-file: /ca.crt, secure-port: 6443}", "/ca.crt client-ca-file" },
        { "{kind: Pod, spec: {containers: [{name: c, command: [1, {}, null]}, 7], volumes: x}}", "" },
        { "{kind: Pod, spec: []}", "" },
    };

    [Theory]
    [MemberData(nameof(Manifests))]
    public void What_an_object_holds(string yaml, string format, string items)
    {
        var found = Read(yaml);
        Assert.Equal(format, found.Format);
        Assert.Equal(items, string.Join(", ", found.Items.Select(item => $"{item.Entry}: {item.Content.Kind}")));
    }

    [Theory]
    [MemberData(nameof(References))]
    public void What_an_object_names(string yaml, string references) =>
        Assert.Equal(references, string.Join("; ", Read(yaml).References.Select(r => $"{r.Path} {r.Field}{(r.Group.Length > 0 ? " paired" : "")}")));

    [Fact]
    public void Certificates_and_keys_of_one_user_or_secret_are_one_group()
    {
        var config = Read("{kind: Config, users: [{name: a, user: {client-certificate-data: CERT, client-key-data: KEY}}, {name: b, user: {client-key-data: KEY}}]}");
        Assert.Equal(config.Items[0].Group, config.Items[1].Group);
        Assert.NotEqual(config.Items[0].Group, config.Items[2].Group);
        var secret = Read("{kind: Secret, metadata: {name: s}, data: {tls.crt: CERT, tls.key: KEY, ca.crt: CERT}}");
        Assert.Equal(secret.Items[0].Group, secret.Items[1].Group);
        Assert.NotEqual(secret.Items[0].Group, secret.Items[2].Group);
    }

    [Theory]
    [InlineData("a: 1", 1)]
    [InlineData("a: 1\n---\nb: 2\n---\n", 2)]
    [InlineData("{\"kind\":\"List\",\"items\":[{\"a\":1},{\"kind\":\"SecretList\",\"items\":[{\"b\":1}]}]}", 2)]
    [InlineData("{\"a\":1}\n---\n{\"b\":1}\n", 2)]
    [InlineData("[{\"a\":1},[{\"b\":1}]]", 2)]
    [InlineData("text", 0)]
    [InlineData("", 0)]
    [InlineData("{\"a\":", 0)]
    public void Texts_are_taken_apart_into_objects(string text, int count) => Assert.Equal(count, Documents.Read(Encoding.UTF8.GetBytes(text), new()).Objects.Count);

    [Theory]
    [InlineData("/p/apiserver.crt", "/p/apiserver.key")]
    [InlineData("admin.pem", "admin-key.pem")]
    [InlineData("tls.crt", "tls.key")]
    [InlineData("server-cert.pem", "server-key.pem")]
    [InlineData("x.cert.pem", "x.key.pem")]
    public void Pairs_have_the_same_stem(string certificate, string key) => Assert.Equal(FileNames.Stem(certificate), FileNames.Stem(key));

    [Fact]
    public void Objects_end_in_contents() => FuzzRun.Texts<PkiFormatException>(
        output, "inspected objects", [.. Manifests.Select(row => Fill((string)row[0])), .. References.Select(row => Fill((string)row[0]))],
        text => Documents.Read(Encoding.UTF8.GetBytes(text), new()).Objects
            .Sum(document => ManifestReader.Read(document, "file", "secret", new() { MaxDerivationRounds = 1000 }).Items.Count) > 0);

    private static ManifestContents Read(string yaml) => ManifestReader.Read(Documents.Read(Encoding.UTF8.GetBytes(Fill(yaml)), new()).Objects.Single(), "file", null, new());

    private static string Fill(string yaml) => yaml.Replace("CERT", Base64Certificate, StringComparison.Ordinal).Replace("KEY", Base64Key, StringComparison.Ordinal)
        .Replace("TEXT", "\"" + Pair.Certificate.Replace("\n", "\\n", StringComparison.Ordinal) + "\"", StringComparison.Ordinal);

    private static (string Certificate, string Key) MakePair()
    {
        using var key = KeyPair.Generate();
        return (CertificateAuthority.CreateRoot("root", key, new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero)).Certificate.ToPem(), key.ToPkcs8Pem());
    }
}
