// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
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
    }

    [Fact]
    public async Task Replicas_that_start_together_write_the_policy_once()
    {
        await using var one = await StartAsync();
        await using var other = await StartAsync();
        await Task.WhenAll(BootstrapAsync(one), BootstrapAsync(other));
        Assert.Equal(0, await BootstrapAsync(one));
        Assert.Equal(0, await BootstrapAsync(other));
    }

    [Fact]
    public async Task Aggregated_roles_are_filled_on_a_new_server()
    {
        await using var server = await StartAsync();
        await BootstrapAsync(server);
        Assert.Empty(RulesOf(server, "admin"));
        using var aggregator = new RoleAggregator(
            new ApiClient(new InProcessTransport(server.HandleAsync, SealockPolicy.RoleAggregator)), TimeProvider.System,
            NullLoggerFactory.Instance);
        using var stop = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var running = aggregator.RunAsync(stop.Token);
        string[] parts =
        [
            "system:aggregate-to-admin", "system:aggregate-to-edit", "system:aggregate-to-view", "sealock:issuance-edit",
            "sealock:issuance-view",
        ];
        var expected = parts.Sum(part => RulesOf(server, part).Length);
        while (RulesOf(server, "admin").Length < expected && !stop.IsCancellationRequested)
            await Task.Yield();
        Assert.Equal(expected, RulesOf(server, "admin").Length);
        await stop.CancelAsync();
        await running;
    }

    private Task<ApiServer> StartAsync()
    {
        var authorizer = new RbacAuthorizer();
        foreach (var item in BootstrapPolicy.All().Where(item => item.Group == RbacAuthorizer.ApiGroup))
            authorizer.Put(item.Plural, item.Object);
        return ApiServer.StartAsync(
            new ApiServerOptions
            {
                Store = _store,
                Definitions = [TestServer.Namespaces, .. GatewayDefinitions.All(new NoTokens())],
                Authorizer = authorizer,
            },
            CancellationToken.None);
    }

    private static Task<int> BootstrapAsync(ApiServer server) => new BootstrapRun(
        new ApiClient(new InProcessTransport(server.HandleAsync, SealockPolicy.Server)), server.Objects)
        .ApplyAsync(CancellationToken.None);

    private static ImmutableArray<PolicyRule> RulesOf(ApiServer server, string role) =>
        RbacRole.Read(server.Objects.Find(RbacAuthorizer.ApiGroup, "clusterroles", "", role)!).Rules;

    private sealed class NoTokens : ITokenAuthenticator
    {
        public ValueTask<TokenIdentity?> AuthenticateAsync(
            string token, ImmutableArray<string> audiences, CancellationToken cancellationToken) => default;
    }
}
