// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Pki.Certificates;
using Sealock.Pki.Keys;

namespace Sealock.EndToEnd.Issuance;

/// <summary>What becomes of the documented manifests: Secrets, statuses and requests as cert-manager's rules have them, here and on a foreign cluster.</summary>
public sealed class DocumentedSecretsTests
{
    // As people have it before they ask for keystores.
    private const string Password = """
        apiVersion: v1
        kind: Namespace
        metadata:
          name: sandbox
        ---
        apiVersion: v1
        kind: Secret
        metadata: {name: example-com-tls-keystore, namespace: sandbox}
        stringData: {password: changeit}
        """;

    [PeerFact("kubectl")]
    public async Task They_are_as_cert_manager_makes_them_on_a_server_of_our_own()
    {
        var cluster = new RunningCluster();
        await cluster.InitializeAsync();
        try
        {
            await CheckAsync((arguments, input) => cluster.KubectlAsync(Peers.Kubectl, input, arguments.Split(' ')));
        }
        finally
        {
            await cluster.DisposeAsync();
        }
    }

    [PeerFact("kubernetes", "kubectl")]
    public async Task They_are_as_cert_manager_makes_them_on_a_kube_apiserver_with_the_controller_outside()
    {
        using var folder = new TemporaryFolder();
        var ca = await RealApiServer.MakeServingAsync(folder);
        await using var server = await RealApiServer.StartAsync(
            $"--tls-cert-file={folder["server.crt"]}", $"--tls-private-key-file={folder["server.key"]}");
        await server.WriteKubeconfigAsync(folder["admin.conf"], ca);
        await using var controller = await SealockProcess.StartAsync(
            "controller", "--kubeconfig", folder["admin.conf"], "--install-crds", "--controllers", "issuance,trust", "--leader-elect=false");
        await CheckAsync(server.KubectlAsync);
    }

    private static async Task CheckAsync(Func<string, string?, Task<ToolResult>> kubectl)
    {
        (await kubectl("apply -f -", Password)).Succeeded();
        await DocumentedManifests.ApplyAsync(kubectl);
        // The documented policy would refuse the RSA key of the documented certificate.
        (await kubectl("delete certificaterequestpolicies --all", null)).Succeeded();
        var waited = await kubectl("wait --for=condition=Ready -n sandbox --timeout=90s certificate/my-selfsigned-ca certificate/example-com certificate/literal-subject certificate/constrained-ca", null);
        Assert.True(waited.ExitCode == 0, waited.Errors + (await kubectl("get certificates,certificaterequests,events -n sandbox -o wide", null)).Output);
        async Task<JsonNode> GetAsync(string what) => JsonNode.Parse((await kubectl($"get {what} -n sandbox -o json", null)).Succeeded())!;

        var secret = await GetAsync("secret example-com-tls");
        Assert.Equal("kubernetes.io/tls", (string?)secret["type"]);
        Assert.Null(secret["metadata"]!["ownerReferences"]);
        Assert.Equal(
            ["ca.crt", "key.der", "keystore.jks", "keystore.p12", "tls-combined.pem", "tls.crt", "tls.key", "truststore.jks", "truststore.p12"],
            secret["data"]!.AsObject().Select(entry => entry.Key).Order(StringComparer.Ordinal));
        var annotations = secret["metadata"]!["annotations"]!.AsObject()
            .Where(pair => !pair.Key.StartsWith("sealock.dev/", StringComparison.Ordinal)).ToDictionary(pair => pair.Key, pair => (string)pair.Value!);
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["cert-manager.io/alt-names"] = "example.com,www.example.com",
                ["cert-manager.io/certificate-name"] = "example-com",
                ["cert-manager.io/common-name"] = "example.com",
                ["cert-manager.io/email-sans"] = "subzero@example.com",
                ["cert-manager.io/ip-sans"] = "192.168.0.5",
                ["cert-manager.io/issuer-group"] = "cert-manager.io",
                ["cert-manager.io/issuer-kind"] = "Issuer",
                ["cert-manager.io/issuer-name"] = "my-ca-issuer",
                ["cert-manager.io/subject-countries"] = "DE",
                ["cert-manager.io/subject-localities"] = "Hamburg",
                ["cert-manager.io/subject-organizationalunits"] = "platform",
                ["cert-manager.io/subject-organizations"] = "example-org",
                ["cert-manager.io/subject-postalcodes"] = "20457",
                ["cert-manager.io/subject-provinces"] = "Hamburg",
                ["cert-manager.io/subject-serialnumber"] = "7",
                ["cert-manager.io/subject-streetaddresses"] = "Am Hafen 1",
                ["cert-manager.io/uri-sans"] = "spiffe://cluster.local/ns/sandbox/sa/example",
                ["my-secret-annotation-1"] = "foo",
            }.OrderBy(pair => pair.Key, StringComparer.Ordinal),
            annotations.OrderBy(pair => pair.Key, StringComparer.Ordinal));
        Assert.Equal(("foo", "true"), ((string?)secret["metadata"]!["labels"]!["my-secret-label"], (string?)secret["metadata"]!["labels"]!["controller.cert-manager.io/fao"]));

        string Entry(string name) => Encoding.UTF8.GetString(Convert.FromBase64String((string)secret["data"]![name]!));
        Assert.StartsWith("-----BEGIN RSA PRIVATE KEY-----", Entry("tls.key"), StringComparison.Ordinal);
        Assert.Equal(Entry("tls.key") + "\n" + Entry("tls.crt"), Entry("tls-combined.pem"));
        var root = await GetAsync("secret root-secret");
        Assert.Equal((string?)root["data"]!["tls.crt"], (string?)root["data"]!["ca.crt"]);
        Assert.Equal((string?)root["data"]!["tls.crt"], (string?)secret["data"]!["ca.crt"]);
        var leaf = Certificate.ListFromPem(Entry("tls.crt"))[0];
        using (var key = KeyPair.FromPem(Entry("tls.key")))
            Assert.True(leaf.Matches(key));
        // It ends with its CA, which has the same 90 days and began a moment earlier.
        Assert.InRange(leaf.Lifetime, TimeSpan.FromDays(90) - TimeSpan.FromMinutes(5), TimeSpan.FromDays(90) + TimeSpan.FromMinutes(10));

        // As cert-manager words it, so that what waits for these words goes on.
        var certificate = await GetAsync("certificate example-com");
        var status = certificate["status"]!;
        var ready = Condition(status, "Ready");
        Assert.Equal(("True", "Ready"), ((string?)ready["status"], (string?)ready["reason"]));
        // What follows tells that it ends with its CA, and is renewed with it.
        Assert.StartsWith("Certificate is up to date and has not expired", (string?)ready["message"], StringComparison.Ordinal);
        Assert.Equal((int?)certificate["metadata"]!["generation"], (int?)ready["observedGeneration"]);
        Assert.Equal(1, (int?)status["revision"]);
        Assert.Null(status["nextPrivateKeySecretName"]);
        Assert.Equal((leaf.NotBefore, leaf.NotAfter), (Time(status["notBefore"]), Time(status["notAfter"])));
        var selfSigned = (await GetAsync("certificate constrained-ca"))["status"]!;
        Assert.Equal("Certificate is up to date and has not expired", (string?)Condition(selfSigned, "Ready")["message"]);
        Assert.InRange(
            Time(selfSigned["notAfter"]) - Time(selfSigned["renewalTime"]), TimeSpan.FromDays(30) - TimeSpan.FromMinutes(10), TimeSpan.FromDays(30) + TimeSpan.FromMinutes(10));

        var request = await GetAsync("certificaterequest example-com-1");
        Assert.Equal("1", (string?)request["metadata"]!["annotations"]!["cert-manager.io/certificate-revision"]);
        Assert.Equal("example-com", (string?)request["metadata"]!["annotations"]!["cert-manager.io/certificate-name"]);
        Assert.Equal(("True", "cert-manager.io"), ((string?)Condition(request["status"]!, "Approved")["status"], (string?)Condition(request["status"]!, "Approved")["reason"]));
        Assert.Equal(("True", "Issued"), ((string?)Condition(request["status"]!, "Ready")["status"], (string?)Condition(request["status"]!, "Ready")["reason"]));
        Assert.Equal((string?)secret["data"]!["tls.crt"], (string?)request["status"]!["certificate"]);
        Assert.Equal(("True", "KeyPairVerified"), await IssuerAsync("issuer my-ca-issuer"));
        Assert.Equal(("True", "IsReady"), await IssuerAsync("clusterissuer selfsigned-issuer"));

        // ingress-shim: the documented Ingress asks for its certificate, though nobody can issue it here.
        var asked = (await GetAsync("certificate my-ingress-cert"))["spec"]!;
        Assert.Equal(("my-ingress-cert", "www.example.com"), ((string?)asked["secretName"], (string?)asked["commonName"]));
        Assert.StartsWith("2160h", (string?)asked["duration"], StringComparison.Ordinal);
        Assert.Equal(("letsencrypt-staging", "ClusterIssuer"), ((string?)asked["issuerRef"]!["name"], (string?)asked["issuerRef"]!["kind"]));

        async Task<(string?, string?)> IssuerAsync(string name)
        {
            var condition = Condition((await GetAsync(name))["status"]!, "Ready");
            return ((string?)condition["status"], (string?)condition["reason"]);
        }
    }

    private static JsonNode Condition(JsonNode status, string type) => status["conditions"]!.AsArray().Single(condition => (string?)condition!["type"] == type)!;

    private static DateTimeOffset Time(JsonNode? value) => DateTimeOffset.Parse((string)value!, CultureInfo.InvariantCulture);
}
