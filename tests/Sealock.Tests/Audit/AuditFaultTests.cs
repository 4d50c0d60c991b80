// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Gateway.Audit;
using Sealock.Gateway.Audit.Outputs;
using Sealock.Gateway.Metrics;
using Sealock.Tests.Gateway;

namespace Sealock.Tests.Audit;

/// <summary>Outputs that fail while requests come in.</summary>
public sealed class AuditFaultTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sealock-audit-");

    private string PolicyPath => Path.Combine(_folder.FullName, "policy.yaml");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task While_the_webhook_is_down_requests_are_served_and_afterwards_every_event_arrives_in_its_order()
    {
        var server = new StubServer { Down = true };
        using var http = new HttpClient(server);
        var clock = new Support.FakeTimeProvider();
        WritePolicy("omitStages: [RequestReceived], rules: [{level: Metadata}]");
        await using var auditor = Auditor.Start(
            new AuditOptions
            {
                PolicyFile = PolicyPath,
                Definitions = AuditRig.Definitions,
                Webhook = new AuditWebhookOptions
                {
                    Target = () => new AuditWebhookTarget(new Uri("https://audit.example.com/"), http),
                    Queue = new AuditQueueOptions { MaxBatchSize = 7 },
                },
            },
            clock, NullLogger.Instance);
        await using var rig = await GatewayRig.StartAsync(options => options with { Auditor = auditor }, AuditRig.Tokens);
        using var client = rig.Client(token: "admin");
        for (var i = 0; i < 50; i++)
            await client.GetStringAsync($"/api/v1/nodes/n{i}");
        Assert.Empty(server.Taken);
        server.Down = false;
        while (server.Taken.Sum(taken => taken.List["items"]!.AsArray().Count) < 50)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }

        Assert.Equal(
            Enumerable.Range(0, 50).Select(i => $"/api/v1/nodes/n{i}"),
            server.Taken.SelectMany(taken => taken.List["items"]!.AsArray()).Select(item => item!["requestURI"]!.GetValue<string>()));
    }

    [Theory]
    [InlineData(AuditMode.Batch, 200)]
    [InlineData(AuditMode.Blocking, 200)]
    [InlineData(AuditMode.BlockingStrict, 500)]
    public async Task With_a_full_disk_requests_are_served_unless_the_mode_forbids_it(AuditMode mode, int code)
    {
        var log = Path.Combine(_folder.FullName, "audit.log");
        File.CreateSymbolicLink(log, "/dev/full");
        WritePolicy("rules: [{level: Metadata}]");
        await using var auditor = Auditor.Start(
            new AuditOptions
            {
                PolicyFile = PolicyPath,
                Definitions = AuditRig.Definitions,
                Log = new AuditLogOptions { Path = log, Queue = new AuditQueueOptions { Mode = mode } },
            },
            TimeProvider.System, NullLogger.Instance);
        await using var rig = await GatewayRig.StartAsync(options => options with { Auditor = auditor }, AuditRig.Tokens);
        using var client = rig.Client(token: "admin");
        for (var i = 0; i < 5; i++)
        {
            using var response = await client.GetAsync("/api/v1/nodes");
            Assert.Equal(code, (int)response.StatusCode);
        }

        // Room again: the next event is written, whole.
        File.Delete(log);
        using var afterwards = await client.GetAsync("/api/v1/pods");
        Assert.Equal(HttpStatusCode.OK, afterwards.StatusCode);
        await auditor.DisposeAsync();
        Assert.All(await File.ReadAllLinesAsync(log), line => Assert.NotNull(JsonNode.Parse(line)));
        Assert.NotEmpty(await File.ReadAllLinesAsync(log));
    }

    [Fact]
    public async Task A_changed_policy_holds_from_then_on_and_a_broken_one_changes_nothing()
    {
        WritePolicy("rules: [{level: None}]");
        var clock = new Support.FakeTimeProvider();
        var reloads = new ReloadCount(clock);
        var log = Path.Combine(_folder.FullName, "audit.log");
        await using (var auditor = Auditor.Start(
            new AuditOptions { PolicyFile = PolicyPath, Definitions = AuditRig.Definitions, PolicyReloads = reloads, Log = new AuditLogOptions { Path = log } }, clock, NullLogger.Instance))
        await using (var rig = await GatewayRig.StartAsync(options => options with { Auditor = auditor }, AuditRig.Tokens))
        {
            using var client = rig.Client(token: "admin");
            await client.GetStringAsync("/api/v1/nodes/before");
            WritePolicy("omitStages: [RequestReceived], rules: [{level: Metadata}]");
            clock.Advance(TimeSpan.FromSeconds(21));
            await client.GetStringAsync("/api/v1/nodes/after");
            WritePolicy("rules: [{level: Everything}]");
            clock.Advance(TimeSpan.FromSeconds(21));
            await client.GetStringAsync("/api/v1/nodes/still");
        }

        Assert.Equal((1, 1), (reloads.Succeeded, reloads.Refused));
        Assert.Equal(
            ["/api/v1/nodes/after", "/api/v1/nodes/still"],
            (await File.ReadAllLinesAsync(log)).Select(line => JsonNode.Parse(line)!["requestURI"]!.GetValue<string>()));
    }

    private void WritePolicy(string rest) =>
        File.WriteAllText(PolicyPath, $"{{apiVersion: audit.k8s.io/v1, kind: Policy, {rest}}}");
}
