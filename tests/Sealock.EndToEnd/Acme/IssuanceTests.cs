// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Sealock.Acme.Client;
using Sealock.Acme.Issuance;
using Sealock.Acme.Jose;
using Sealock.Acme.Messages;
using Sealock.Acme.Solvers;
using Sealock.Pki.Keys;
using Xunit.Abstractions;

namespace Sealock.EndToEnd.Acme;

/// <summary>Certificates from a real, strict pebble that validates for real.</summary>
public sealed class IssuanceTests(ITestOutputHelper output)
{
    /// <summary>How many orders go on at once; <c>SEALOCK_ACME_ORDERS</c> makes a measurement of the test.</summary>
    private static readonly int Orders = int.Parse(Environment.GetEnvironmentVariable("SEALOCK_ACME_ORDERS") ?? "20", CultureInfo.InvariantCulture);

    [PeerTheory("pebble", "pebble-challtestsrv")]
    [InlineData(5)]
    [InlineData(50)]
    public async Task Http_01_proves_several_names_whatever_happens_to_nonces(int nonceReject)
    {
        await using var solver = Http01Listener.Start(new(IPAddress.Loopback, 0), TimeProvider.System);
        await using var rig = await AcmeRig.StartAsync(httpPort: solver.Address.Port, options: new() { NonceReject = nonceReject });
        var outcome = await rig.Issuance(solver).RunAsync(AcmeRig.Order("a.example.com", "b.example.com", "127.0.0.1"));
        await rig.IssuedAsync(outcome, "a.example.com", "b.example.com", "127.0.0.1");
    }

    [PeerFact("pebble", "pebble-challtestsrv")]
    public async Task Tls_alpn_01_proves_names_and_addresses()
    {
        await using var solver = TlsAlpn01Listener.Start(new(IPAddress.Loopback, 0), TimeProvider.System);
        await using var rig = await AcmeRig.StartAsync(tlsPort: solver.Address.Port);
        var outcome = await rig.Issuance(solver).RunAsync(AcmeRig.Order("a.example.com", "127.0.0.1"));
        await rig.IssuedAsync(outcome, "a.example.com", "127.0.0.1");
    }

    [PeerFact("pebble", "pebble-challtestsrv")]
    public async Task Names_are_validated_on_the_ports_that_CAs_come_to()
    {
        Http01Listener http;
        TlsAlpn01Listener tls;
        try
        {
            http = Http01Listener.Start(new(IPAddress.Loopback, 80), TimeProvider.System);
            tls = TlsAlpn01Listener.Start(new(IPAddress.Loopback, 443), TimeProvider.System);
        }
        catch (SocketException)
        {
            return; // Not root, or something listens there; the other tests use ports that pebble is told.
        }

        await using (http)
        await using (tls)
        {
            await using var rig = await AcmeRig.StartAsync();
            await rig.IssuedAsync(await rig.Issuance(http).RunAsync(AcmeRig.Order("a.example.com")), "a.example.com");
            await rig.IssuedAsync(await rig.Issuance(tls).RunAsync(AcmeRig.Order("b.example.com")), "b.example.com");
        }
    }

    [PeerFact("pebble", "pebble-challtestsrv")]
    public async Task Several_orders_go_on_at_once()
    {
        await using var solver = Http01Listener.Start(new(IPAddress.Loopback, 0), TimeProvider.System);
        await using var rig = await AcmeRig.StartAsync(httpPort: solver.Address.Port, options: new() { NonceReject = 20 });
        var issuance = rig.Issuance(solver);
        var outcomes = new IssuanceOutcome[Orders];
        var began = TimeProvider.System.GetTimestamp();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Orders), new ParallelOptions { MaxDegreeOfParallelism = 50 },
            async (i, stop) => outcomes[i] = await issuance.RunAsync(AcmeRig.Order($"n{i}.example.com", "shared.example.com"), stop));
        output.WriteLine($"{Orders} orders of two names in {TimeProvider.System.GetElapsedTime(began).TotalSeconds:0.0} s");
        for (var i = 0; i < outcomes.Length; i++)
            await rig.IssuedAsync(outcomes[i], $"n{i}.example.com", "shared.example.com");
    }

    [PeerFact("pebble", "pebble-challtestsrv")]
    public async Task A_proof_that_was_given_before_is_used_again()
    {
        await using var solver = Http01Listener.Start(new(IPAddress.Loopback, 0), TimeProvider.System);
        await using var rig = await AcmeRig.StartAsync(httpPort: solver.Address.Port, options: new() { AuthorizationReuse = 100 });
        await rig.IssuedAsync(await rig.Issuance(solver).RunAsync(AcmeRig.Order("a.example.com")), "a.example.com");
        await solver.DisposeAsync();
        await rig.IssuedAsync(await rig.Issuance(solver).RunAsync(AcmeRig.Order("a.example.com")), "a.example.com");
    }

    [PeerFact("pebble", "pebble-challtestsrv")]
    public async Task An_account_is_bound_to_an_external_one()
    {
        const string Secret = "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";
        var options = new PebbleOptions { ExternalAccounts = new Dictionary<string, string> { ["kid-1"] = Secret } };
        await using var solver = Http01Listener.Start(new(IPAddress.Loopback, 0), TimeProvider.System);
        await using var rig = await AcmeRig.StartAsync(solver.Address.Port, options: options, external: new("kid-1", Secret));
        await rig.IssuedAsync(await rig.Issuance(solver).RunAsync(AcmeRig.Order("a.example.com")), "a.example.com");

        using var key = KeyPair.Generate();
        var unbound = await rig.Client.NewAccountAsync(new(key), new() { AgreesToTerms = true });
        Assert.True(unbound.Failure?.Is(ProblemKinds.ExternalAccountRequired), unbound.Failure?.Message);
    }

    [PeerFact("pebble", "pebble-challtestsrv")]
    public async Task A_failed_proof_is_told_with_the_remedy_and_nothing_stays_behind()
    {
        await using var solver = Http01Listener.Start(new(IPAddress.Loopback, 0), TimeProvider.System);
        await using var rig = await AcmeRig.StartAsync(httpPort: Ports.Free(), options: new() { BlockedDomains = ["blocked.example"] });
        var failed = Assert.IsType<IssuanceOutcome.Failed>(await rig.Issuance(solver).RunAsync(AcmeRig.Order("a.example.com", "b.example.com")));
        Assert.Matches(@"(a|b)\.example\.com: .*\(connection\) \(http-01\).*Remedy: the CA must reach port 80", failed.Message);

        var blocked = Assert.IsType<IssuanceOutcome.Failed>(await rig.Issuance(solver).RunAsync(AcmeRig.Order("x.blocked.example")));
        Assert.Contains("rejectedIdentifier", blocked.Message, StringComparison.Ordinal);
        Assert.False(blocked.MayWorkLater);

        var wildcard = Assert.IsType<IssuanceOutcome.Failed>(await rig.Issuance(solver).RunAsync(AcmeRig.Order("*.example.com")));
        Assert.Contains("validated by dns-01 only", wildcard.Message, StringComparison.Ordinal);
    }

    [PeerFact("pebble", "pebble-challtestsrv")]
    public async Task Keys_roll_over_and_certificates_are_revoked_by_either_key()
    {
        await using var solver = Http01Listener.Start(new(IPAddress.Loopback, 0), TimeProvider.System);
        await using var rig = await AcmeRig.StartAsync(httpPort: solver.Address.Port);
        using var certificateKey = KeyPair.Generate(KeyAlgorithm.Rsa2048);
        var first = await rig.IssuedAsync(await rig.Issuance(solver).RunAsync(AcmeRig.Order(certificateKey, "a.example.com")), "a.example.com");

        var account = rig.Account;
        using var old = KeyPair.FromPkcs8(((KeyPair)account.Key.Signer).ToPkcs8());
        foreach (var algorithm in (KeyAlgorithm[])[KeyAlgorithm.EcdsaP384, KeyAlgorithm.Rsa2048, KeyAlgorithm.EcdsaP521])
        {
            var changed = await rig.Client.ChangeKeyAsync(account, new(KeyPair.Generate(algorithm)));
            Assert.True(changed.IsOk, changed.Failure?.Message);
            account = changed.Value;
            Assert.True((await rig.Client.GetAccountAsync(account)).IsOk);
        }

        var gone = await rig.Client.NewAccountAsync(new(old), new() { OnlyExisting = true });
        Assert.True(gone.Failure?.Is(ProblemKinds.AccountDoesNotExist), gone.Failure?.Message);
        var second = await rig.IssuedAsync(
            await new AcmeIssuance(rig.Client, account, [solver], null, TimeProvider.System).RunAsync(AcmeRig.Order("b.example.com")), "b.example.com");

        Assert.True((await rig.Client.RevokeAsync(account, second.Leaf, RevocationReason.Superseded)).IsOk);
        Assert.True((await rig.Client.RevokeAsync(new AccountKey(certificateKey), first.Leaf)).IsOk);
        var again = await rig.Client.RevokeAsync(account, second.Leaf);
        Assert.True(again.Value?.WasRevokedBefore, again.Failure?.Message);
        foreach (var (leaf, reason) in new[] { (second.Leaf, 4), (first.Leaf, 0) })
        {
            var status = await rig.Pebble.GetCertificateStatusAsync(leaf);
            Assert.Equal("Revoked", (string?)status?["Status"]);
            Assert.Equal(reason, (int?)status?["Reason"] ?? 0);
        }

        Assert.Equal("deactivated", (await rig.Client.DeactivateAccountAsync(account)).Value?.Status);
        Assert.False((await rig.Client.NewOrderAsync(account, new() { Identifiers = [AcmeIdentifier.Parse("a.example.com")] })).IsOk);
    }

    [PeerFact("pebble", "pebble-challtestsrv")]
    public async Task The_preferred_chain_is_taken()
    {
        await using var solver = Http01Listener.Start(new(IPAddress.Loopback, 0), TimeProvider.System);
        await using var rig = await AcmeRig.StartAsync(httpPort: solver.Address.Port, options: new() { AlternateRoots = 2 });
        foreach (var index in (int[])[2, 1, 0])
        {
            var root = Sealock.Pki.Certificates.Certificate.FromPem(await rig.Pebble.GetRootAsync(index));
            var outcome = await rig.Issuance(solver).RunAsync(AcmeRig.Order($"r{index}.example.com") with { PreferredChain = root.Subject.CommonName });
            Assert.True(Assert.IsType<IssuanceOutcome.Issued>(outcome).Chain.IsIssuedBy(root.Subject.CommonName!));
        }
    }

    [PeerFact("pebble", "pebble-challtestsrv")]
    public async Task A_busy_server_is_waited_for_or_told_with_the_time_of_the_next_try()
    {
        await using var solver = Http01Listener.Start(new(IPAddress.Loopback, 0), TimeProvider.System);
        var busy = new BusyServer();
        await using var rig = await AcmeRig.StartAsync(httpPort: solver.Address.Port, between: busy);
        // Every third request is turned away for a second.
        busy.Answer = count => count % 3 == 0 ? (HttpStatusCode.ServiceUnavailable, "1", "") : null;
        await rig.IssuedAsync(await rig.Issuance(solver).RunAsync(AcmeRig.Order("a.example.com")), "a.example.com");
        Assert.True(busy.Refused > 3);

        const string Problem = """{"type":"urn:ietf:params:acme:error:rateLimited","detail":"too many certificates (5) already issued"}""";
        busy.Answer = _ => (HttpStatusCode.TooManyRequests, "3600", Problem);
        var began = TimeProvider.System.GetUtcNow();
        var limited = Assert.IsType<IssuanceOutcome.RateLimited>(await rig.Issuance(solver).RunAsync(AcmeRig.Order("b.example.com")));
        Assert.InRange(limited.Until!.Value, began.AddMinutes(59), began.AddMinutes(62));
        Assert.Contains("too many certificates", limited.Message, StringComparison.Ordinal);
    }

    [PeerFact("pebble", "pebble-challtestsrv")]
    public async Task A_server_that_restarts_during_an_order_and_has_forgotten_it_is_asked_again()
    {
        await using var solver = Http01Listener.Start(new(IPAddress.Loopback, 0), TimeProvider.System);
        await using var rig = await AcmeRig.StartAsync(httpPort: solver.Address.Port);
        var pebble = rig.Pebble;
        var restarted = Assert.IsType<IssuanceOutcome.Failed>(await rig.Issuance(solver).RunAsync(
            AcmeRig.Order("a.example.com") with { Ordered = _ => pebble.RestartAsync().GetAwaiter().GetResult() }));
        Assert.True(restarted.Failure?.Is(ProblemKinds.AccountDoesNotExist), restarted.Message);
        await rig.RegisterAsync();
        await rig.IssuedAsync(await rig.Issuance(solver).RunAsync(AcmeRig.Order("a.example.com")), "a.example.com");
    }

    [PeerFact("pebble", "pebble-challtestsrv")]
    public async Task A_server_that_is_away_for_a_while_is_waited_for()
    {
        await using var solver = Http01Listener.Start(new(IPAddress.Loopback, 0), TimeProvider.System);
        var busy = new BusyServer();
        await using var rig = await AcmeRig.StartAsync(httpPort: solver.Address.Port, between: busy);
        busy.Answer = count => count is > 4 and < 9 ? (HttpStatusCode.BadGateway, null, "<html>bad gateway</html>") : null;
        await rig.IssuedAsync(await rig.Issuance(solver).RunAsync(AcmeRig.Order("a.example.com")), "a.example.com");
    }

    [PeerFact("pebble", "pebble-challtestsrv")]
    public async Task An_order_that_was_left_behind_is_fulfilled()
    {
        await using var solver = Http01Listener.Start(new(IPAddress.Loopback, 0), TimeProvider.System);
        await using var rig = await AcmeRig.StartAsync(httpPort: solver.Address.Port);
        var wanted = AcmeRig.Order("a.example.com");
        var left = await rig.Client.NewOrderAsync(rig.Account, wanted.Order);
        var outcome = await rig.Issuance(solver).RunAsync(wanted with { KnownOrder = left.Value!.Url });
        await rig.IssuedAsync(outcome, "a.example.com");
        Assert.Equal(left.Value.Url, ((IssuanceOutcome.Issued)outcome).OrderUrl);
        // The same again, after the certificate was issued and not fetched: no other order is made.
        Assert.Equal(left.Value.Url, Assert.IsType<IssuanceOutcome.Issued>(
            await rig.Issuance(solver).RunAsync(wanted with { KnownOrder = left.Value.Url })).OrderUrl);
    }

    [PeerFact("newer pebble", "pebble-challtestsrv")]
    public async Task Lost_orders_are_found_in_the_accounts_list()
    {
        await using var rig = await AcmeRig.StartAsync(options: new() { Newer = true });
        var made = new List<string>();
        for (var i = 0; i < 8; i++)
        {
            var order = await rig.Client.NewOrderAsync(rig.Account, AcmeRig.Order($"n{i}.example.com").Order);
            made.Add(order.Value!.Url);
        }

        var listed = await rig.Client.ListOrdersAsync(rig.Account);
        Assert.Equal(made.Order(), listed.Value?.Order());
        Assert.Equal(5, (await rig.Client.ListOrdersAsync(rig.Account, most: 5)).Value?.Count);
    }

    /// <summary>Stands between client and server and turns requests away.</summary>
    private sealed class BusyServer : DelegatingHandler
    {
        private int _count;

        public Func<int, (HttpStatusCode Status, string? RetryAfter, string Body)?> Answer { get; set; } = _ => null;

        public int Refused { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (Answer(Interlocked.Increment(ref _count)) is not { } refusal)
                return base.SendAsync(request, cancellationToken);
            Refused++;
            var response = new HttpResponseMessage(refusal.Status) { Content = new StringContent(refusal.Body) };
            if (refusal.RetryAfter is { } seconds)
                response.Headers.TryAddWithoutValidation("Retry-After", seconds);
            return Task.FromResult(response);
        }
    }
}
