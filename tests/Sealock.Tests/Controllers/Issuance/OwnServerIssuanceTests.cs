// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Api.Client;
using Sealock.Api.Definitions.Plain;
using Sealock.Api.Security;
using Sealock.Api.Serving;
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Hosting;
using Sealock.Controllers.Issuance;
using Sealock.Pki.Certificates;
using Sealock.Tests.Storage;
using Sealock.Tests.Support;

namespace Sealock.Tests.Controllers.Issuance;

/// <summary>The loops of issuance on the real API server in this process, with its rules of the kinds.</summary>
public sealed class OwnServerIssuanceTests : IAsyncLifetime
{
    private const string Api = "/apis/cert-manager.io/v1/namespaces/default";

    private static readonly UserInfo Admin = new() { Name = "admin", Groups = [WellKnownGroups.Masters] };

    private readonly CancellationTokenSource _stop = new();
    private readonly MemoryStore _store = new(TimeProvider.System);
    private ApiServer? _server;
    private ControllerHost? _host;
    private Task _running = Task.CompletedTask;

    private ApiClient Client => new(new InProcessTransport(_server!.HandleAsync, Admin));

    public async Task InitializeAsync()
    {
        _server = await ApiServer.StartAsync(new ApiServerOptions
        {
            Store = _store,
            Definitions = [.. PlainDefinitions.All, .. CertificateDefinitions.All],
            Authorizer = new Everything(),
        }, _stop.Token);
        var options = new ControllerOptions { Issuance = new IssuanceOptions { ClusterResourceNamespace = "default" } };
        _host = new ControllerHost(ControllerClients.Same(Client), options, TimeProvider.System, NullLoggerFactory.Instance);
        _running = _host.RunAsync(_stop.Token);
        await Client.SendAsync("POST", "/api/v1/namespaces", Json("""{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "default"}}"""), default);
        await _host.WaitForSyncAsync(_stop.Token);
    }

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _host?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
        await _store.DisposeAsync();
        _stop.Dispose();
    }

    private static JsonObject Json(string text) => JsonNode.Parse(text)!.AsObject();

    private async Task CreateAsync(string kind, string name, string spec, string @namespace = "default")
    {
        var path = kind == "ClusterIssuer" ? "/apis/cert-manager.io/v1/clusterissuers"
            : $"/apis/cert-manager.io/v1/namespaces/{@namespace}/{kind.ToLowerInvariant()}s";
        await Client.SendAsync("POST", path, Json($$"""
            {"apiVersion": "cert-manager.io/v1", "kind": "{{kind}}", "metadata": {"name": "{{name}}"}, "spec": {{spec}} }
            """), default);
    }

    private static ResourceType<JsonObject> Type(string plural) => new("cert-manager.io", "v1", plural, true, RawJson.Default.JsonObject);

    private async Task<JsonObject> UntilAsync(string plural, string name, Func<JsonObject, bool> condition)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await foreach (var change in Client.WatchAsync(
            Type(plural), "default", new ListQuery { FieldSelector = $"metadata.name={name}" }, limit.Token))
        {
            if (change.Object is { } found && condition(found))
                return found;
        }

        throw new TimeoutException(name);
    }

    private static bool IsReady(JsonObject @object) => @object["status"]?["conditions"]?.AsArray().Any(condition =>
        condition!["type"]!.GetValue<string>() == "Ready" && condition["status"]!.GetValue<string>() == "True") == true;

    private async Task<JsonObject> SecretAsync(string name) =>
        JsonNode.Parse((await Client.SendAsync("GET", $"/api/v1/namespaces/default/secrets/{name}", null, default)).Span)!.AsObject();

    [Fact]
    public async Task The_manifests_of_a_private_ca_lead_to_a_served_chain()
    {
        // As cert-manager's documentation sets up a private CA: everything at once, in any order.
        await CreateAsync("Certificate", "web", """
            {"secretName": "web-tls", "dnsNames": ["web.example.com"], "usages": ["server auth"], "privateKey": {"algorithm": "ECDSA", "size": 256},
             "issuerRef": {"name": "my-ca-issuer"}, "additionalOutputFormats": [{"type": "CombinedPEM"}]}
            """);
        await CreateAsync("Issuer", "my-ca-issuer", """{"ca": {"secretName": "root-secret"}}""");
        await CreateAsync("Certificate", "my-selfsigned-ca", """
            {"isCA": true, "commonName": "my-selfsigned-ca", "secretName": "root-secret", "privateKey": {"algorithm": "ECDSA", "size": 256},
             "issuerRef": {"name": "selfsigned-issuer", "kind": "ClusterIssuer", "group": "cert-manager.io"} }
            """);
        await CreateAsync("ClusterIssuer", "selfsigned-issuer", """{"selfSigned": {}}""");

        var certificate = await UntilAsync("certificates", "web", found => IsReady(found) && found["status"]!["revision"] is not null
            && found["status"]!["nextPrivateKeySecretName"] is null);
        Assert.Equal(1, certificate["status"]!["revision"]!.GetValue<int>());
        Assert.Equal(1, certificate["status"]!["conditions"]![0]!["observedGeneration"]!.GetValue<int>());
        Assert.Single(certificate["status"]!["conditions"]!.AsArray());
        await UntilAsync("issuers", "my-ca-issuer", IsReady);
        var root = (await SecretAsync("root-secret"))["data"]!;
        var web = (await SecretAsync("web-tls"))["data"]!;
        Assert.Equal(root["tls.crt"]!.GetValue<string>(), web["ca.crt"]!.GetValue<string>());
        Assert.NotNull(web["tls-combined.pem"]);
        Assert.Null(Certificate.FromPem(Text(web["tls.crt"]!)).RefuseSignature(Certificate.FromPem(Text(root["tls.crt"]!)).PublicKey));
        var request = await UntilAsync("certificaterequests", "web-1", IsReady);
        Assert.Equal("admin", request["spec"]!["username"]!.GetValue<string>());
    }

    [Fact]
    public async Task Every_certificate_is_issued_once_and_its_events_tell_the_story()
    {
        await CreateAsync("Issuer", "self", """{"selfSigned": {}}""");
        for (var i = 0; i < 50; i++)
        {
            await CreateAsync("Certificate", $"c{i}", $$"""
                {"secretName": "c{{i}}-tls", "commonName": "c{{i}}", "privateKey": {"algorithm": "ECDSA"}, "issuerRef": {"name": "self"} }
                """);
        }

        for (var i = 0; i < 50; i++)
        {
            var certificate = await UntilAsync("certificates", $"c{i}", IsReady);
            Assert.Equal(1, certificate["status"]!["revision"]!.GetValue<int>());
        }

        var requests = await Client.ListAsync(Type("certificaterequests"), "default", null, default);
        Assert.Equal(50, requests.Items.Count);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var told = new HashSet<string>();
        await foreach (var change in Client.WatchAsync(
            new ResourceType<JsonObject>("", "v1", "events", true, RawJson.Default.JsonObject), "default",
            new ListQuery { FieldSelector = "involvedObject.name=c0" }, limit.Token))
        {
            if (change.Object?["message"]?.GetValue<string>() is { } message)
                told.Add(message.Split('(')[0].Trim());
            if (told.Count == 2)
                break;
        }

        Assert.Contains("The certificate has been successfully issued", told);
    }

    [Fact]
    public async Task Kubernetes_own_requests_are_signed_by_a_cluster_issuer_once_they_are_approved()
    {
        await CreateAsync("ClusterIssuer", "self", """{"selfSigned": {}}""");
        await CreateAsync("Certificate", "root", """
            {"isCA": true, "commonName": "root", "secretName": "root-secret", "privateKey": {"algorithm": "ECDSA"}, "issuerRef": {"name": "self", "kind": "ClusterIssuer"} }
            """);
        await CreateAsync("ClusterIssuer", "corp", """{"ca": {"secretName": "root-secret"}}""");
        const string requests = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
        var created = JsonNode.Parse((await Client.SendAsync("POST", requests, Json($$"""
            {"apiVersion": "certificates.k8s.io/v1", "kind": "CertificateSigningRequest", "metadata": {"name": "jane"}, "spec": {
              "request": "{{Sealock.Tests.Certificates.RequestRun.Pem("CN=jane")}}", "signerName": "clusterissuers.cert-manager.io/corp", "usages": ["client auth"]} }
            """), default)).Span)!.AsObject();
        created["status"] = new JsonObject { ["conditions"] = new JsonArray(Sealock.Tests.Certificates.RequestRun.Condition("Approved", reason: "ByHand")) };
        await Client.SendAsync("PUT", $"{requests}/jane/approval", created, default);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await foreach (var change in Client.WatchAsync(
            new ResourceType<JsonObject>("certificates.k8s.io", "v1", "certificatesigningrequests", false, RawJson.Default.JsonObject), "",
            new ListQuery { FieldSelector = "metadata.name=jane" }, limit.Token))
        {
            if (change.Object?["status"]?["certificate"] is { } issued)
            {
                Assert.Equal(("jane", "root"), (Certificate.FromPem(Text(issued)).Subject.CommonName, Certificate.FromPem(Text(issued)).Issuer.CommonName));
                return;
            }
        }

        Assert.Fail("not signed");
    }

    [Theory]
    [InlineData("issuers.cert-manager.io/team.ca", "team", "Issuer.cert-manager.io/ca")]
    [InlineData("issuers.cert-manager.io/team.my.ca", "team", "Issuer.cert-manager.io/my.ca")]
    [InlineData("clusterissuers.cert-manager.io/corp", "", "ClusterIssuer.cert-manager.io/corp")]
    [InlineData("issuers.cert-manager.io/ca", "", null)]
    [InlineData("clusterissuers.cert-manager.io/", "", null)]
    [InlineData("kubernetes.io/kubelet-serving", "", null)]
    public void A_signers_name_means_an_issuer(string signer, string @namespace, string? issuer)
    {
        Assert.Equal(issuer is not null, Sealock.Controllers.Issuance.Requests.SignerNameReconciler.TryParse(signer, out var found, out var place));
        Assert.Equal((issuer, @namespace), (found?.ToString(), place));
    }

    private static string Text(JsonNode base64) => Encoding.UTF8.GetString(Convert.FromBase64String(base64.GetValue<string>()));
}

[JsonSerializable(typeof(JsonObject))]
internal sealed partial class RawJson : JsonSerializerContext;
