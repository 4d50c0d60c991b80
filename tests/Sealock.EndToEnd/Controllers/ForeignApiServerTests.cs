// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Api.Client;
using Sealock.Controllers.CertificateSigning;
using Sealock.Controllers.Hosting;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Requests;

namespace Sealock.EndToEnd.Controllers;

/// <summary>The loops on a kube-apiserver that knows nothing of Sealock.</summary>
public sealed class ForeignApiServerTests : IAsyncLifetime
{
    private const string Client = "kubernetes.io/kube-apiserver-client";
    private const string Kubelet = "kubernetes.io/kube-apiserver-client-kubelet";
    private const string Serving = "kubernetes.io/kubelet-serving";
    private const string Requests = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

    private readonly CancellationTokenSource _stop = new();
    private readonly CertificateAuthority _ca =
        CertificateAuthority.CreateRoot("cluster", KeyPair.Generate(), TimeProvider.System.GetUtcNow());

    private RealApiServer? _server;
    private HttpClient? _http;
    private ApiClient? _client;
    private ControllerHost? _host;
    private Task _running = Task.CompletedTask;

    private RealApiServer Server => _server ?? throw new InvalidOperationException("not started");

    private ApiClient Api => _client ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync()
    {
        if (!Peers.Has("kubernetes"))
            return;
        _server = await RealApiServer.StartAsync();
        _http = _server.NewClient();
        _client = new ApiClient(new HttpApiTransport(_http, _server.Address));
        var authority = new FixedAuthority(_ca);
        var options = new ControllerOptions
        {
            Housekeeping = false,
            ApproveKubeletServing = true,
            SecretSigners = [SecretSigner.Parse("example.com/users=default/users-ca")],
            Signers = ControllerOptions.None.SetItem(Client, authority).SetItem(Kubelet, authority).SetItem(Serving, authority),
        };
        _host = new ControllerHost(ControllerClients.Same(Api), options, TimeProvider.System, NullLoggerFactory.Instance);
        _running = _host.RunAsync(_stop.Token);
        await _host.WaitForSyncAsync(_stop.Token);
    }

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _host?.Dispose();
        _http?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
        _stop.Dispose();
    }

    private static string Manifest(
        string name, string signerName, string subject, string names, params string[] usages)
    {
        using var key = KeyPair.Generate();
        var request = CertificateSigningRequest.Create(
            key, DistinguishedName.ParseText(subject),
            SubjectAlternativeNames.ForHosts(names.Split(' ', StringSplitOptions.RemoveEmptyEntries)));
        return new JsonObject
        {
            ["apiVersion"] = "certificates.k8s.io/v1",
            ["kind"] = "CertificateSigningRequest",
            ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["kept"] = "yes" } },
            ["spec"] = new JsonObject
            {
                ["request"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(request.ToPem())),
                ["signerName"] = signerName,
                ["usages"] = new JsonArray([.. usages.Select(usage => (JsonNode)usage)]),
            },
        }.ToJsonString();
    }

    private async Task<JsonObject> UntilAsync(string name, Func<JsonObject, bool> condition)
    {
        for (var attempt = 0; attempt < 300; attempt++)
        {
            var request = JsonNode.Parse((await Api.SendAsync("GET", $"{Requests}/{name}", null, _stop.Token)).Span)!.AsObject();
            if (condition(request))
                return request;
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }

        throw new TimeoutException((await Server.KubectlAsync($"get csr {name} -o yaml")).Output);
    }

    private async Task<Certificate> IssuedAsync(string name)
    {
        var request = await UntilAsync(name, request => request["status"]?["certificate"] is not null);
        Assert.Equal("yes", request["metadata"]!["labels"]!["kept"]!.GetValue<string>());
        return Certificate.FromPem(Encoding.ASCII.GetString(
            Convert.FromBase64String(request["status"]!["certificate"]!.GetValue<string>())));
    }

    [PeerFact("kubernetes", "kubectl")]
    public async Task Kubectl_gets_certificates_of_every_kind()
    {
        (await Server.KubectlAsync("create -f -", Manifest("jane", Client, "CN=jane,O=devs", "", "client auth"))).Succeeded();
        (await Server.KubectlAsync("certificate approve jane")).Succeeded();
        var jane = await IssuedAsync("jane");
        Assert.Equal(("jane", "cluster"), (jane.Subject.CommonName, jane.Issuer.CommonName));
        Assert.Contains("Approved,Issued", (await Server.KubectlAsync("get csr jane")).Succeeded(), StringComparison.Ordinal);

        (await Server.KubectlAsync("create -f -", Manifest("wrong", Client, "CN=jane", "", "server auth"))).Succeeded();
        (await Server.KubectlAsync("certificate approve wrong")).Succeeded();
        var wrong = await UntilAsync("wrong", request => request["status"]!["conditions"]!.AsArray().Count == 2);
        Assert.Equal("invalid usage for client certificate: server auth", wrong["status"]!["conditions"]![1]!["message"]!.GetValue<string>());

        foreach (var role in (string[])["node-bootstrapper", "certificates.k8s.io:certificatesigningrequests:selfnodeclient"])
        {
            (await Server.KubectlAsync(
                $"create clusterrolebinding nodes-{role.Replace(':', '-')} --clusterrole=system:{role} --group=system:nodes")).Succeeded();
        }

        const string asNode = "--as=system:node:n1 --as-group=system:nodes create -f -";
        (await Server.KubectlAsync(asNode, Manifest(
            "kubelet", Kubelet, "CN=system:node:n1,O=system:nodes", "", "digital signature", "client auth"))).Succeeded();
        Assert.Equal(["1.3.6.1.5.5.7.3.2"], (await IssuedAsync("kubelet")).KeyPurposes);

        (await Server.KubectlAsync("create -f -", """
            {"apiVersion":"v1","kind":"Node","metadata":{"name":"n1"},"status":{"addresses":[{"type":"InternalIP","address":"10.0.0.1"}]}}
            """)).Succeeded();
        (await Server.KubectlAsync(asNode, Manifest(
            "foreign", Serving, "CN=system:node:n1,O=system:nodes", "10.9.9.9", "digital signature", "server auth"))).Succeeded();
        (await Server.KubectlAsync(asNode, Manifest(
            "own", Serving, "CN=system:node:n1,O=system:nodes", "10.0.0.1", "digital signature", "server auth"))).Succeeded();
        await IssuedAsync("own");
        for (var attempt = 0; ; attempt++)
        {
            var description = (await Server.KubectlAsync("describe csr foreign")).Succeeded();
            if (description.Contains("not addresses of node n1", StringComparison.Ordinal))
                break;
            Assert.True(attempt < 100, description);
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

    [PeerFact("kubernetes", "kubectl")]
    public async Task A_ca_in_a_secret_signs_for_a_signer_of_the_users_own()
    {
        using var key = KeyPair.Generate();
        var ca = CertificateAuthority.CreateRoot("users", key, TimeProvider.System.GetUtcNow());
        (await Server.KubectlAsync("create -f -", new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Secret",
            ["type"] = "kubernetes.io/tls",
            ["metadata"] = new JsonObject { ["name"] = "users-ca", ["namespace"] = "default" },
            ["stringData"] = new JsonObject { ["tls.crt"] = ca.Certificate.ToPem(), ["tls.key"] = key.ToPkcs8Pem() },
        }.ToJsonString())).Succeeded();
        (await Server.KubectlAsync("create -f -", Manifest("mine", "example.com/users", "CN=mine", "a.example.com", "any"))).Succeeded();
        (await Server.KubectlAsync("certificate approve mine")).Succeeded();
        Assert.Equal("users", (await IssuedAsync("mine")).Issuer.CommonName);
    }

    [PeerFact("kubernetes", "kubectl")]
    public async Task Two_hosts_at_once_give_each_request_one_certificate()
    {
        using var second = new ControllerHost(
            ControllerClients.Same(Api),
            new ControllerOptions { Housekeeping = false, Signers = ControllerOptions.None.SetItem(Client, new FixedAuthority(_ca)) },
            TimeProvider.System, NullLoggerFactory.Instance);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var running = second.RunAsync(stop.Token);
        await second.WaitForSyncAsync(stop.Token);
        string[] names = [.. Enumerable.Range(0, 30).Select(i => $"user-{i}")];
        foreach (var name in names)
            await Api.SendAsync("POST", Requests, JsonNode.Parse(Manifest(name, Client, $"CN={name}", "", "client auth")), _stop.Token);
        (await Server.KubectlAsync($"certificate approve {string.Join(' ', names)}")).Succeeded();
        foreach (var name in names)
            Assert.Equal(name, (await IssuedAsync(name)).Subject.CommonName);
        await stop.CancelAsync();
        await running;
    }
}
