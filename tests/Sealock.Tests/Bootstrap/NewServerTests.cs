// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Api.Client;
using Sealock.Api.Security;
using Sealock.Api.Serving;
using Sealock.Controllers.Roles;
using Sealock.Gateway;
using Sealock.Gateway.Authorization;
using Sealock.Gateway.Bootstrap;
using Sealock.Tests.Serving;
using Sealock.Tests.Storage;
using Sealock.Tests.Support;

namespace Sealock.Tests.Bootstrap;

public sealed class NewServerTests
{
    private readonly RbacAuthorizer _authorizer = new();
    private readonly MemoryStore _store = new(new FakeTimeProvider());

    [Fact]
    public async Task The_policy_is_written_once_and_a_second_start_writes_nothing()
    {
        await using (var server = await StartAsync())
        {
            Assert.Equal(BootstrapPolicy.All().Length, await BootstrapAsync(server));
            Assert.Equal(0, await BootstrapAsync(server));
        }

        await using var again = await StartAsync();
        Assert.Equal(0, await BootstrapAsync(again));
        Assert.True(MayReadPods("system:masters", "x"));
    }

    [Fact]
    public async Task A_binding_is_in_force_when_its_creation_has_been_answered_and_out_of_force_after_its_deletion()
    {
        await using var server = await StartAsync();
        await BootstrapAsync(server);
        var client = Client(server);
        for (var i = 0; i < 50; i++)
        {
            var path = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings";
            await client.SendAsync("POST", path, Binding($"b{i}", $"group{i}"), CancellationToken.None);
            Assert.True(MayReadPods($"group{i}", "default"));
            await client.SendAsync("DELETE", $"{path}/b{i}", null, CancellationToken.None);
            Assert.False(MayReadPods($"group{i}", "default"));
        }
    }

    [Fact]
    public async Task Aggregated_roles_are_filled_on_a_new_server()
    {
        await using var server = await StartAsync();
        await BootstrapAsync(server);
        await Client(server).SendAsync(
            "POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", Binding("b", "viewers", "admin"), CancellationToken.None);
        Assert.False(MayReadPods("viewers", "default"));
        using var aggregator = new RoleAggregator(
            new ApiClient(new InProcessTransport(server.HandleAsync, SealockPolicy.RoleAggregator)), TimeProvider.System,
            NullLoggerFactory.Instance);
        using var stop = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var running = aggregator.RunAsync(stop.Token);
        while (!MayReadPods("viewers", "default") && !stop.IsCancellationRequested)
            await Task.Yield();
        Assert.True(MayReadPods("viewers", "default"));
        await stop.CancelAsync();
        await running;
    }

    private Task<ApiServer> StartAsync() => ApiServer.StartAsync(
        new ApiServerOptions
        {
            Store = _store,
            Definitions = [TestServer.Namespaces, .. GatewayDefinitions.All(new NoTokens(), _authorizer)],
            Authorizer = _authorizer,
        },
        CancellationToken.None);

    private static Task<int> BootstrapAsync(ApiServer server) =>
        new BootstrapRun(Client(server), server.Objects).ApplyAsync(CancellationToken.None);

    private static ApiClient Client(ApiServer server) => new(new InProcessTransport(server.HandleAsync, SealockPolicy.Server));

    private bool MayReadPods(string group, string @namespace) => _authorizer.Authorize(new AccessQuestion
    {
        User = new UserInfo { Name = "jane", Groups = [group] },
        IsResource = true,
        Verb = "get",
        Resource = "pods",
        Namespace = @namespace,
    }).Allowed;

    private static JsonObject Binding(string name, string group, string role = "system:kube-scheduler") => new()
    {
        ["metadata"] = new JsonObject { ["name"] = name },
        ["roleRef"] = new JsonObject { ["kind"] = "ClusterRole", ["name"] = role },
        ["subjects"] = new JsonArray(new JsonObject { ["kind"] = "Group", ["name"] = group }),
    };

    private sealed class NoTokens : ITokenAuthenticator
    {
        public ValueTask<TokenIdentity?> AuthenticateAsync(
            string token, ImmutableArray<string> audiences, CancellationToken cancellationToken) => default;
    }
}
