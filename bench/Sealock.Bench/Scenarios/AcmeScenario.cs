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
    private const int MostAttempts = 8;
    private const string Namespace = "bench-acme";
    private const string Collection = $"/apis/cert-manager.io/v1/namespaces/{Namespace}/certificates";
    private const string Issuers = $"/apis/cert-manager.io/v1/namespaces/{Namespace}/issuers";

    /// <summary>So long no thousand orders take, unless pebble waits for itself.</summary>
    private static readonly TimeSpan Stuck = TimeSpan.FromMinutes(2);

    private static readonly Metric Time = new("1,000 ACME orders, pebble", "s", new Aim(AtMost: 60));
    private static readonly Metric Slower = new("the same with one bad name among them, ratio", "x", new Aim(AtMost: 1.05));

    public override string Family => "issuance";

    public override bool NeedsFreshServers => true;

    public override Field Field => Field.Alone;

    public override int MostRounds => 1;

    public override async Task<IReadOnlyList<Reading>> MeasureAsync(Target target, Pace pace, CancellationToken cancellationToken)
    {
        if (!AcmeServer.IsThere)
            throw new InvalidOperationException("pebble and pebble-challtestsrv are not in PATH");
        await using var server = await AcmeServer.StartAsync(target.Folder + "-acme", target.Port);
        ((SealockTarget)target).MoreFlags = ["--acme-tls-alpn-forwarded", "--acme-dns-servers", server.DnsServer];
        await target.StartAsync(cancellationToken);
        await Furnishing.FurnishAsync(target, cancellationToken);
        await Furnishing.CreateNamespaceAsync(target, Namespace, cancellationToken);
        await IssueAsync(target, server, "warm", hasBad: false, cancellationToken);

        var pairs = new List<(double Without, double With)>();
        for (var pair = 0; pair < 3 * pace.Rounds; pair++)
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

    /// <summary>One measurement, on a pebble and with an issuer of its own; pebbles that get stuck do not count.</summary>
    private static async Task<double> IssueAsync(
        Target target, AcmeServer server, string prefix, bool hasBad, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            var name = $"{prefix}{attempt}";
            try
            {
                await server.RenewAsync(cancellationToken);
                await CreateIssuerAsync(target, server, name, cancellationToken);
                return await IssueAllAsync(target, server, name, hasBad, cancellationToken);
            }
            catch (TimeoutException) when (attempt < MostAttempts)
            {
                await SendAsync(target, "DELETE", $"{Collection}?labelSelector=bench%3D{name}", null, cancellationToken);
            }
        }
    }

    /// <summary>Creates the Certificates; answers the seconds until the last good one is ready. The bad one is deleted then.</summary>
    private static async Task<double> IssueAllAsync(
        Target target, AcmeServer server, string name, bool hasBad, CancellationToken cancellationToken)
    {
        var bad = $"bad-{name}";
        if (hasBad)
        {
            await server.LeadAstrayAsync($"{bad}.example.com", cancellationToken);
            await SendAsync(target, "POST", Collection, Body(bad, "bad", name), cancellationToken);
        }

        try
        {
            var begin = Stopwatch.GetTimestamp();
            var waiting = IssuanceScenario.WaitAsync(target, Collection, name, Orders, revision: 1, cancellationToken, Stuck);
            await ObjectFilling.CreateAsync(target, Collection, Orders, number => Body($"{name}-{number}", name, name), cancellationToken);
            await waiting;
            return Stopwatch.GetElapsedTime(begin).TotalSeconds;
        }
        finally
        {
            if (hasBad)
                await SendAsync(target, "DELETE", $"{Collection}/{bad}", null, cancellationToken);
        }
    }

    private static string Body(string name, string label, string issuer) =>
        $$$"""{"apiVersion":"cert-manager.io/v1","kind":"Certificate","metadata":{"name":"{{{name}}}","labels":{"bench":"{{{label}}}"}},"spec":{"secretName":"{{{name}}}","dnsNames":["{{{name}}}.example.com"],"privateKey":{"algorithm":"ECDSA"},"issuerRef":{"name":"{{{issuer}}}"} } }""";

    private static Task CreateIssuerAsync(Target target, AcmeServer server, string name, CancellationToken cancellationToken) => SendAsync(
        target, "POST", Issuers,
        $$$"""{"apiVersion":"cert-manager.io/v1","kind":"Issuer","metadata":{"name":"{{{name}}}"},"spec":{"acme":{"server":"{{{server.Directory}}}","caBundle":"{{{Convert.ToBase64String(Encoding.ASCII.GetBytes(server.Certificate))}}}","privateKeySecretRef":{"name":"{{{name}}}-account"},"solvers":[{"tlsALPN01":{} }]} } }""",
        cancellationToken);

    private static async Task SendAsync(Target target, string method, string path, string? body, CancellationToken cancellationToken)
    {
        await using var connection = await target.ConnectAsync(withCertificate: false, cancellationToken);
        (await connection.SendAsync(RequestText.Of(method, path, Target.AdminToken, body ?? ""), cancellationToken)).Expect($"{method} {path}");
    }
}
