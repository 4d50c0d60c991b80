// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Api.Client;
using Sealock.Api.Definitions.Plain;
using Sealock.Api.Objects;
using Sealock.Api.Security;
using Sealock.Api.Serving;
using Sealock.Controllers.CertificateSigning;
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Hosting;
using Sealock.Pki.Certificates;
using Sealock.Tests.Certificates;
using Sealock.Tests.Storage;
using Sealock.Tests.Support;

namespace Sealock.Tests.Controllers;

/// <summary>All loops on the real API server in this process.</summary>
public sealed class OwnServerTests : IAsyncLifetime
{
    private const string Requests = SigningBench.Requests;

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
        var ca = SigningBench.NewCa("own", TimeProvider.System.GetUtcNow());
        var options = new ControllerOptions
        {
            RootCaPem = ca.Certificate.ToPem(),
            ApproveKubeletClients = false,
            Signers = ControllerOptions.None.SetItem(SignerNames.KubeApiServerClient, new FixedAuthority(ca)),
        };
        _host = new ControllerHost(ControllerClients.Same(Client), options, TimeProvider.System, NullLoggerFactory.Instance);
        _running = _host.RunAsync(_stop.Token);
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

    private async Task<JsonObject> SendAsync(string method, string path, JsonObject? body = null) =>
        JsonNode.Parse((await Client.SendAsync(method, path, body, _stop.Token)).Span)!.AsObject();

    private async Task<JsonObject?> FindAsync(string path)
    {
        try
        {
            return await SendAsync("GET", path);
        }
        catch (ApiException missing) when (missing.Code == 404)
        {
            return null;
        }
    }

    private async Task<JsonObject?> UntilAsync(string path, Func<JsonObject?, bool> condition)
    {
        for (var attempt = 0; attempt < 1200; attempt++)
        {
            var found = await FindAsync(path);
            if (condition(found))
                return found;
            await Task.Delay(TimeSpan.FromMilliseconds(25), TimeProvider.System);
        }

        throw new TimeoutException((await FindAsync(path))?.ToJsonString() ?? $"{path} is not there");
    }

    private static JsonObject Named(string kind, string name, string apiVersion = "v1") => new()
    {
        ["apiVersion"] = apiVersion,
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = name },
    };

    [Fact]
    public async Task A_request_is_created_approved_and_issued()
    {
        var request = Named("CertificateSigningRequest", "jane", "certificates.k8s.io/v1");
        request["spec"] = new JsonObject
        {
            ["request"] = RequestRun.Pem("O=devs, CN=jane"),
            ["signerName"] = SignerNames.KubeApiServerClient,
            ["usages"] = new JsonArray("client auth"),
        };
        var created = await SendAsync("POST", Requests, request);
        Assert.Equal("admin", created["spec"]!["username"]!.GetValue<string>());
        created["status"] = new JsonObject { ["conditions"] = new JsonArray(RequestRun.Condition("Approved", reason: "ByHand")) };
        await SendAsync("PUT", $"{Requests}/jane/approval", created);
        var issued = await UntilAsync($"{Requests}/jane", found => found?["status"]?["certificate"] is not null);
        var certificate = Certificate.FromPem(Encoding.ASCII.GetString(
            Convert.FromBase64String(issued!["status"]!["certificate"]!.GetValue<string>())));
        Assert.Equal(("jane", "own"), (certificate.Subject.CommonName, certificate.Issuer.CommonName));
        Assert.Equal("ByHand", issued["status"]!["conditions"]![0]!["reason"]!.GetValue<string>());
        Assert.NotNull(issued["status"]!["conditions"]![0]!["lastTransitionTime"]);
    }

    [Fact]
    public async Task A_namespace_is_furnished_and_when_it_is_deleted_it_is_emptied_and_goes()
    {
        await SendAsync("POST", "/api/v1/namespaces", Named("Namespace", "a"));
        await UntilAsync("/api/v1/namespaces/a/serviceaccounts/default", found => found is not null);
        await UntilAsync("/api/v1/namespaces/a/configmaps/kube-root-ca.crt", found => found is not null);
        await SendAsync("POST", "/api/v1/namespaces/a/secrets", Named("Secret", "s"));
        await SendAsync("DELETE", "/api/v1/namespaces/a");
        await UntilAsync("/api/v1/namespaces/a", found => found is null);
        Assert.Null(await FindAsync("/api/v1/namespaces/a/secrets/s"));
    }

    [Fact]
    public async Task Owned_objects_follow_their_owner_in_the_manner_asked_for()
    {
        await SendAsync("POST", "/api/v1/namespaces", Named("Namespace", "b"));
        foreach (var policy in (string[])["Background", "Foreground", "Orphan"])
        {
            var owner = await SendAsync("POST", "/api/v1/namespaces/b/configmaps", Named("ConfigMap", "owner"));
            var child = Named("Secret", "child");
            child["metadata"]!["ownerReferences"] = new JsonArray(new JsonObject
            {
                ["apiVersion"] = "v1",
                ["kind"] = "ConfigMap",
                ["name"] = "owner",
                ["uid"] = owner["metadata"]!["uid"]!.GetValue<string>(),
                ["blockOwnerDeletion"] = true,
            });
            await SendAsync("POST", "/api/v1/namespaces/b/secrets", child);
            await SendAsync("DELETE", "/api/v1/namespaces/b/configmaps/owner", new JsonObject
            {
                ["kind"] = "DeleteOptions",
                ["apiVersion"] = "v1",
                ["propagationPolicy"] = policy,
            });
            await UntilAsync("/api/v1/namespaces/b/configmaps/owner", found => found is null);
            await UntilAsync("/api/v1/namespaces/b/secrets/child", found => policy == "Orphan"
                ? found is not null && found["metadata"]!["ownerReferences"] is not JsonArray { Count: > 0 } : found is null);
        }
    }
}
