// SPDX-License-Identifier: Apache-2.0
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Gateway.Audit;
using Sealock.Gateway.Metrics;
using Sealock.Gateway.Pipeline;
using Sealock.Hosting;
using Sealock.Settings;
using Sealock.Tests.Gateway;

namespace Sealock.Tests.Audit;

public sealed class AuditHostingTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("sealock-audit-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Events_reach_the_server_that_a_kubeconfig_names_over_TLS_and_with_its_token()
    {
        var lists = Channel.CreateUnbounded<(string User, JsonNode List)>();
        await using var receiver = await GatewayRig.StartAsync(
            options => options with
            {
                Mounts =
                [
                    new Mount("/events", MountAccess.Public, async exchange =>
                    {
                        using var reader = new StreamReader(exchange.Http.Request.Body);
                        lists.Writer.TryWrite((exchange.User.Name, JsonNode.Parse(await reader.ReadToEndAsync())!));
                        await exchange.WriteAsync("application/json", "{}"u8.ToArray());
                    }),
                ],
            },
            AuditRig.Tokens);
        var settings = new AuditSettings
        {
            PolicyFile = Write("policy.yaml", "{apiVersion: audit.k8s.io/v1, kind: Policy, omitStages: [RequestReceived], rules: [{level: Metadata}]}"),
            LogPath = Path.Combine(_folder.FullName, "audit.log"),
            WebhookConfigFile = Write("webhook.yaml",
                $$"""
                apiVersion: v1
                kind: Config
                current-context: c
                clusters: [{name: c, cluster: {server: "https://localhost:{{receiver.Endpoint.Port}}/events", certificate-authority-data: "{{Convert.ToBase64String(Encoding.ASCII.GetBytes(receiver.Authority.Pem))}}" } }]
                users: [{name: u, user: {token: other} }]
                contexts: [{name: c, context: {cluster: c, user: u} }]
                """),
            WebhookQueue = new AuditQueueOptions(),
        };
        await using (var audit = AuditHosting.Start(settings, new ReloadMetrics(), TimeProvider.System, NullLogger.Instance)!)
        await using (var rig = await GatewayRig.StartAsync(options => options with { Auditor = audit.Auditor }, AuditRig.Tokens))
        {
            using var client = rig.Client(token: "admin");
            await client.GetStringAsync("/api/v1/nodes/one");
        }

        var (user, list) = await lists.Reader.ReadAsync();
        Assert.Equal("jane", user);
        Assert.Equal("/api/v1/nodes/one", list["items"]![0]!["requestURI"]!.GetValue<string>());
        Assert.Contains("/api/v1/nodes/one", await File.ReadAllTextAsync(settings.LogPath), StringComparison.Ordinal);
    }

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }
}
