// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Text.RegularExpressions;
using Sealock.Pki.Certificates;
using Sealock.Pki.Revocation;
using Xunit.Abstractions;

namespace Sealock.EndToEnd.Rotation;

/// <summary>Everything that is read again while the server runs, one after the other, while requests, HTTP/2 streams and watches go on.</summary>
public sealed class ReloadTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Whatever_is_reloaded_takes_effect_and_connections_and_watches_go_on()
    {
        var shown = new Dictionary<string, string>(StringComparer.Ordinal);
        await using var server = await RotatingServer.StartAsync(inSecret: false, prepared =>
        {
            foreach (var name in (string[])["a", "b"])
                shown[name] = prepared.WriteServing(name, name + ".example");
            WriteCrl(prepared);
            WriteAuditPolicy(prepared, "level: None");
            WriteConfiguration(prepared);
            return
            [
                "--config", prepared["server.yaml"], "--client-crl-file", prepared["crl.pem"],
                "--audit-policy-file", prepared["audit.yaml"], "--audit-log-path", prepared["audit.log"],
                "--tls-sni-cert-key", $"{prepared["a.crt"]},{prepared["a.key"]}:a.example", "--tls-sni-cert-key", $"{prepared["b.crt"]},{prepared["b.key"]}",
            ];
        });
        var size = new FleetSize(8, 4, 8);
        await using var fleet = new Fleet(server.Target, size, RotatingServer.Token, () => server.Client);
        fleet.Expect(0, await server.Target.ShownAsync());
        await fleet.StartAsync();

        // Tokens.
        var sue = new FleetIdentity(0, "sues-token", null);
        Assert.Equal(HttpStatusCode.Unauthorized, await server.AskAnewAsync(sue));
        server.Write("tokens.csv", $"{RotatingServer.Token},operator,1,system:masters\nsues-token,sue,2,system:masters\n");
        await AnsweredAsync(server, sue, HttpStatusCode.OK);

        // The configuration.
        WriteConfiguration(server, "addressRule:", "- users: [sue]", "  deny: [127.0.0.1]");
        await AnsweredAsync(server, sue, HttpStatusCode.Forbidden);
        WriteConfiguration(server);
        await AnsweredAsync(server, sue, HttpStatusCode.OK);

        // What is audited.
        Assert.DoesNotContain("audited-", await AuditAsync(server, "audited-before"), StringComparison.Ordinal);
        WriteAuditPolicy(server, "level: Metadata", "users: [sue]");
        await RotatingServer.UntilAsync("sue is audited", async () => (await AuditAsync(server, "audited-after")).Contains("audited-after", StringComparison.Ordinal));
        Assert.DoesNotContain("audited-before", await AuditAsync(server, "audited-after"), StringComparison.Ordinal);

        // Revocation lists.
        var mallory = RotatingServer.IssueClient(server.ClientCa, 0, "mallory");
        Assert.Equal(HttpStatusCode.OK, await server.AskAnewAsync(mallory));
        using (var client = server.Target.Client(mallory, HttpVersion.Version20, () => { }))
        using (var watching = await client.GetAsync("/api/v1/namespaces?watch=1", HttpCompletionOption.ResponseHeadersRead))
        {
            WriteCrl(server, Certificate.Parse(mallory.Certificate!.RawData));
            await AnsweredAsync(server, mallory, HttpStatusCode.Unauthorized);
            await watching.Content.CopyToAsync(Stream.Null).WaitAsync(TimeSpan.FromSeconds(20));
        }

        // Certificates for names: each on its own.
        foreach (var name in (string[])["a", "b"])
        {
            var target = server.Target with { Host = name + ".example" };
            Assert.Equal(shown[name], await target.ShownAsync());
            shown[name] = server.WriteServing(name, name + ".example");
            await RotatingServer.UntilAsync($"the new certificate of {name} is served", async () => await target.ShownAsync() == shown[name]);
            Assert.Equal(shown["a"], await (server.Target with { Host = "a.example" }).ShownAsync());
        }

        await server.RotateServingAsync(fleet);
        await server.RotateClientCaAsync(fleet);
        await RotatingServer.UntilAsync("all is proved", async () => Proved(await server.MetricsAsync()));
        await fleet.StopAsync();
        var metrics = await server.MetricsAsync();
        foreach (var what in (string[])["token_file", "configuration", "audit_policy", "client_crl", "certificates"])
            Assert.Matches($"sealock_reloads_total{{what=\"{what}\",result=\"ok\"}} [1-9]", metrics);
        var tally = fleet.Tally;
        output.WriteLine($"{tally.Requests} requests, {tally.Events} watch events: {tally.Failed} failed, {tally.DroppedWatches} watches dropped");
        Assert.True(tally.Failed + tally.DroppedWatches + tally.Stale + tally.Reconnects(size.Kept, size.Watches) == 0, string.Join('\n', tally.Failures));
    }

    private static Task AnsweredAsync(RotatingServer server, FleetIdentity identity, HttpStatusCode code) =>
        RotatingServer.UntilAsync($"{identity} is answered {code}", async () => await server.AskAnewAsync(identity) == code);

    private static bool Proved(string metrics) =>
        metrics.Contains("server_name=\"a.example\"} 1\n", StringComparison.Ordinal) && metrics.Contains("server_name=\"b.example\"} 1\n", StringComparison.Ordinal)
        && Regex.IsMatch(metrics, "sealock_serving_proved{endpoint=\"127.0.0.1:[0-9]+\",server_name=\"\"} 1\n");

    private static void WriteConfiguration(RotatingServer server, params IEnumerable<string> lines) =>
        server.Write("server.yaml", string.Join('\n', ["apiVersion: sealock.dev/v1", "kind: ServerConfiguration", .. lines]) + "\n");

    private static void WriteAuditPolicy(RotatingServer server, params IEnumerable<string> rule) =>
        server.Write("audit.yaml", $"apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- {{{string.Join(", ", rule)}}}\n");

    private static void WriteCrl(RotatingServer server, params IEnumerable<Certificate> revoked)
    {
        var now = TimeProvider.System.GetUtcNow();
        server.Write("crl.pem", server.ClientCa.IssueCrl(new CrlRequest
        {
            Number = now.ToUnixTimeMilliseconds(),
            Revoked = [.. revoked.Select(one => new RevokedCertificate(one.SerialNumber, now))],
            ThisUpdate = now,
            NextUpdate = now.AddDays(1),
        }).ToPem());
    }

    /// <summary>The audit log after sue asked with a marker in the path.</summary>
    private static async Task<string> AuditAsync(RotatingServer server, string marker)
    {
        using (var client = server.Target.Client(new FleetIdentity(0, "sues-token", null), HttpVersion.Version11, () => { }))
        using (await client.GetAsync($"/api/v1/namespaces/{marker}"))
        {
        }

        if (!File.Exists(server["audit.log"]))
            return "";
        using var reader = new StreamReader(new FileStream(server["audit.log"], FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        return await reader.ReadToEndAsync();
    }
}
