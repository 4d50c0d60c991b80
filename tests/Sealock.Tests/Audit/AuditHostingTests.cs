// SPDX-License-Identifier: Apache-2.0
using System.Security.Cryptography.X509Certificates;
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
        await using var receiver = await Receiver.StartAsync();
        var settings = Settings(receiver, "user: {token: other}");
        await using (var audit = Start(settings))
        await using (var rig = await GatewayRig.StartAsync(options => options with { Auditor = audit.Auditor }, AuditRig.Tokens))
        {
            using var client = rig.Client(token: "admin");
            await client.GetStringAsync("/api/v1/nodes/one");
        }

        var (user, uri) = await receiver.NextAsync();
        Assert.Equal(("jane", "/api/v1/nodes/one"), (user, uri));
        Assert.Contains("/api/v1/nodes/one", await File.ReadAllTextAsync(settings.LogPath!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_webhook_is_told_who_sends_by_a_client_certificate()
    {
        await using var receiver = await Receiver.StartAsync();
        using var own = receiver.Rig.Authority.Issue("CN=auditor", TestAuthority.Usage.Client);
        Write("own.crt", own.ExportCertificatePem());
        Write("own.key", own.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        await using (var audit = Start(Settings(receiver, "user: {client-certificate: own.crt, client-key: own.key}")))
        await using (var rig = await GatewayRig.StartAsync(options => options with { Auditor = audit.Auditor }, AuditRig.Tokens))
        {
            using var client = rig.Client(token: "admin");
            await client.GetStringAsync("/api/v1/nodes/one");
        }

        Assert.Equal(("auditor", "/api/v1/nodes/one"), await receiver.NextAsync());
    }

    [Fact]
    public async Task A_kubeconfig_that_changes_is_followed_and_a_broken_one_changes_nothing()
    {
        await using var before = await Receiver.StartAsync();
        await using var after = await Receiver.StartAsync();
        var reloads = new ReloadMetrics();
        var count = reloads.Of("audit_webhook", TimeProvider.System);
        await using var audit = Start(Settings(before, "user: {token: other}"), reloads);
        await using var rig = await GatewayRig.StartAsync(options => options with { Auditor = audit.Auditor }, AuditRig.Tokens);
        using var client = rig.Client(token: "admin");
        await client.GetStringAsync("/api/v1/nodes/one");
        Assert.Equal(("jane", "/api/v1/nodes/one"), await before.NextAsync());

        Settings(after, "user: {tokenFile: token}");
        await UntilAsync(() => count.Succeeded == 1);
        Write("token", "admin\n");
        await client.GetStringAsync("/api/v1/nodes/two");
        Assert.Equal(("root", "/api/v1/nodes/two"), await after.NextAsync());

        Write("webhook.yaml", "current-context: nowhere");
        await UntilAsync(() => count.Refused == 1);
        Write("token", "other\n");
        await client.GetStringAsync("/api/v1/nodes/three");
        Assert.Equal(("jane", "/api/v1/nodes/three"), await after.NextAsync());
    }

    [Theory]
    [InlineData("https://", "user: {username: jane, password: hunter2}", "user name and password, which are not supported")]
    [InlineData("https://", "user: {exec: {command: aws}}", "needs an exec plugin, which is not supported")]
    [InlineData("http://", "user: {token: other}", "nothing is sent over plain HTTP")]
    public async Task A_kubeconfig_that_would_not_do_is_refused_with_the_remedy(string scheme, string user, string mistake)
    {
        await using var receiver = await Receiver.StartAsync();
        var settings = Settings(receiver, user);
        Write("webhook.yaml", (await File.ReadAllTextAsync(settings.WebhookConfigFile!)).Replace("https://", scheme, StringComparison.Ordinal));
        var told = WebhookConnection.Mistake(settings.WebhookConfigFile!);
        Assert.Contains(mistake, told, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", told, StringComparison.Ordinal);
    }

    private static AuditHosting Start(AuditSettings settings, ReloadMetrics? reloads = null) =>
        AuditHosting.Start(settings, AuditRig.Definitions, reloads ?? new ReloadMetrics(), TimeProvider.System, NullLogger.Instance)!;

    private static async Task UntilAsync(Func<bool> holds)
    {
        while (!holds())
            await Task.Yield();
    }

    private AuditSettings Settings(Receiver receiver, string user) => new()
    {
        PolicyFile = Write("policy.yaml", "{apiVersion: audit.k8s.io/v1, kind: Policy, omitStages: [RequestReceived], rules: [{level: Metadata}]}"),
        LogPath = Path.Combine(_folder.FullName, "audit.log"),
        WebhookConfigFile = Write("webhook.yaml",
            $$"""
            apiVersion: v1
            kind: Config
            current-context: c
            clusters: [{name: c, cluster: {server: "https://localhost:{{receiver.Rig.Endpoint.Port}}/events", certificate-authority-data: "{{Convert.ToBase64String(Encoding.ASCII.GetBytes(receiver.Rig.Authority.Pem))}}" } }]
            users: [{name: u, {{user}} }]
            contexts: [{name: c, context: {cluster: c, user: u} }]
            """),
        WebhookQueue = new AuditQueueOptions(),
    };

    private string Write(string name, string text)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>A webhook that knows who sends to it.</summary>
    private sealed class Receiver : IAsyncDisposable
    {
        private readonly Channel<(string User, JsonNode List)> _lists = Channel.CreateUnbounded<(string, JsonNode)>();

        public GatewayRig Rig { get; private set; } = null!;

        public static async Task<Receiver> StartAsync()
        {
            var receiver = new Receiver();
            receiver.Rig = await GatewayRig.StartAsync(
                options => options with { Mounts = [new Mount("/events", MountAccess.Public, receiver.TakeAsync)] }, AuditRig.Tokens);
            return receiver;
        }

        /// <summary>Who sent the next list, and about which request its first event is.</summary>
        public async Task<(string User, string Uri)> NextAsync()
        {
            var (user, list) = await _lists.Reader.ReadAsync();
            return (user, list["items"]![0]!["requestURI"]!.GetValue<string>());
        }

        public ValueTask DisposeAsync() => Rig.DisposeAsync();

        private async ValueTask TakeAsync(GatewayExchange exchange)
        {
            using var reader = new StreamReader(exchange.Http.Request.Body);
            _lists.Writer.TryWrite((exchange.User.Name, JsonNode.Parse(await reader.ReadToEndAsync())!));
            await exchange.WriteAsync("application/json", "{}"u8.ToArray());
        }
    }
}
