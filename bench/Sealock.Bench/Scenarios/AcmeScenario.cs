// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Sealock.Bench.Http;
using Sealock.Bench.Measuring;
using Sealock.Bench.Targets;

namespace Sealock.Bench.Scenarios;

/// <summary>
/// 1,000 Certificates of an ACME server that validates each name on Sealock's own listener; and the same beside one whose name is
/// never proven. Both are measured in turns on the same server, and each pair is compared: first without and with, then with
/// and without, so that neither gains by what comes later being slower.
/// </summary>
internal sealed class AcmeScenario() : Scenario("issuance-acme")
{
    private const int Orders = 1_000;
    private const string Namespace = "bench-acme";
    private const string Collection = $"/apis/cert-manager.io/v1/namespaces/{Namespace}/certificates";
    private const string Issuers = $"/apis/cert-manager.io/v1/namespaces/{Namespace}/issuers";

    private static readonly Metric Time = new("1,000 ACME orders, pebble", "s", new Aim(AtMost: 60));
    private static readonly Metric Slower = new("the same with one bad name among them, ratio", "x", new Aim(AtMost: 1.05));

    public override string Family => "issuance";

    public override bool NeedsFreshServers => true;

    public override bool HasPeer => false;

    public override int MostRounds => 1;

    public override async Task<IReadOnlyList<Reading>> MeasureAsync(Target target, Pace pace, CancellationToken cancellationToken)
    {
        if (!AcmeServer.IsThere)
            throw new InvalidOperationException("pebble and pebble-challtestsrv are not in PATH");
        await using var server = await AcmeServer.StartAsync(target.Folder + "-acme", target.Port, cancellationToken);
        ((SealockTarget)target).MoreFlags = ["--acme-tls-alpn-forwarded", "--acme-dns-servers", server.DnsServer];
        await target.StartAsync(cancellationToken);
        await Furnishing.FurnishAsync(target, cancellationToken);
        await FurnishIssuerAsync(target, server, cancellationToken);
        await IssueAsync(target, server, "warm", hasBad: false, cancellationToken);

        var pairs = new List<(double Without, double With)>();
        for (var pair = 0; pair < 2 * pace.Rounds; pair++)
        {
            var badFirst = pair % 2 == 1;
            var first = await IssueAsync(target, server, $"p{pair}a", badFirst, cancellationToken);
            var second = await IssueAsync(target, server, $"p{pair}b", !badFirst, cancellationToken);
            pairs.Add(badFirst ? (second, first) : (first, second));
        }

        var note = string.Join(", ", pairs.Select(pair => string.Create(CultureInfo.InvariantCulture, $"{pair.Without:0.0} s -> {pair.With:0.0} s")));
        return
        [
            .. pairs.Select(pair => new Reading(Time, pair.Without)),
            .. pairs.Select(pair => new Reading(Slower, pair.With / pair.Without, null, note)),
        ];
    }

    /// <summary>Creates the Certificates; answers the seconds until the last good one is ready. The bad one is deleted then.</summary>
    private static async Task<double> IssueAsync(
        Target target, AcmeServer server, string prefix, bool hasBad, CancellationToken cancellationToken)
    {
        var bad = $"bad-{prefix}";
        if (hasBad)
        {
            await server.LeadAstrayAsync($"{bad}.example.com", cancellationToken);
            await SendAsync(target, "POST", Collection, Body(bad, "bad"), cancellationToken);
        }

        var begin = Stopwatch.GetTimestamp();
        var waiting = IssuanceScenario.WaitAsync(target, Collection, prefix, Orders, revision: 1, cancellationToken);
        await ObjectFilling.CreateAsync(target, Collection, Orders, number => Body($"{prefix}-{number}", prefix), cancellationToken);
        await waiting;
        var seconds = Stopwatch.GetElapsedTime(begin).TotalSeconds;
        if (hasBad)
            await SendAsync(target, "DELETE", $"{Collection}/{bad}", null, cancellationToken);
        return seconds;
    }

    private static string Body(string name, string label) =>
        $$$"""{"apiVersion":"cert-manager.io/v1","kind":"Certificate","metadata":{"name":"{{{name}}}","labels":{"bench":"{{{label}}}"}},"spec":{"secretName":"{{{name}}}","dnsNames":["{{{name}}}.example.com"],"privateKey":{"algorithm":"ECDSA"},"issuerRef":{"name":"pebble"} } }""";

    private static async Task FurnishIssuerAsync(Target target, AcmeServer server, CancellationToken cancellationToken)
    {
        await Furnishing.CreateNamespaceAsync(target, Namespace, cancellationToken);
        await SendAsync(target, "POST", Issuers,
            $$$"""{"apiVersion":"cert-manager.io/v1","kind":"Issuer","metadata":{"name":"pebble"},"spec":{"acme":{"server":"{{{server.Directory}}}","caBundle":"{{{Convert.ToBase64String(Encoding.ASCII.GetBytes(server.Certificate))}}}","privateKeySecretRef":{"name":"account"},"solvers":[{"tlsALPN01":{} }]} } }""",
            cancellationToken);
    }

    private static async Task SendAsync(Target target, string method, string path, string? body, CancellationToken cancellationToken)
    {
        await using var connection = await target.ConnectAsync(withCertificate: false, cancellationToken);
        (await connection.SendAsync(RequestText.Of(method, path, Target.AdminToken, body ?? ""), cancellationToken)).Expect($"{method} {path}");
    }
}
