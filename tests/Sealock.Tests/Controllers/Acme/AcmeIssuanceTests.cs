// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Nodes;
using Sealock.Controllers.Acme.Accounts;
using Sealock.Controllers.Issuance;
using Sealock.Pki.Keys;
using Sealock.Tests.Controllers.Issuance;

namespace Sealock.Tests.Controllers.Acme;

/// <summary>Certificates of a CA in memory, whatever it says.</summary>
public sealed class AcmeIssuanceTests
{
    [Fact]
    public async Task An_issuer_registers_its_account_once_with_a_key_that_it_makes()
    {
        using var bench = new AcmeBench();
        await bench.SettleAsync();
        var issuer = Issuer(bench);
        Assert.Equal(("True", "ACMEAccountRegistered"), Ready(issuer));
        Assert.Equal(bench.Ca.Accounts.Values.Single(), (string?)issuer["status"]!["acme"]!["uri"]);
        Assert.Equal("admin@example.com", (string?)issuer["status"]!["acme"]!["lastRegisteredEmail"]);
        Assert.NotNull(bench.Issuance.Entry("account", "tls.key"));
        bench.Start();
        await bench.SettleAsync();
        Assert.Equal(1, bench.Ca.Calls.Count(call => call == "/new-account"));
    }

    [Fact]
    public async Task A_changed_address_is_told_to_the_server()
    {
        using var bench = new AcmeBench();
        await bench.SettleAsync();
        ChangeIssuer(bench, issuer => issuer["spec"]!["acme"]!["email"] = "other@example.com");
        await bench.SettleAsync();
        Assert.Equal(["mailto:other@example.com"], bench.Ca.Contacts.Values.Single());
        Assert.Equal("other@example.com", (string?)Issuer(bench)["status"]!["acme"]!["lastRegisteredEmail"]);
    }

    [Fact]
    public async Task A_key_that_must_be_there_is_not_made()
    {
        using var bench = new AcmeBench();
        ChangeIssuer(bench, issuer => issuer["spec"]!["acme"]!["disableAccountKeyGeneration"] = true);
        await bench.SettleAsync();
        Assert.Equal(("False", "ErrVerifyACMEAccount"), Ready(Issuer(bench)));
        Assert.Empty(bench.Ca.Accounts);
    }

    [Fact]
    public async Task A_server_that_refuses_an_account_is_quoted_with_the_time_of_the_next_try()
    {
        using var bench = new AcmeBench();
        bench.Ca.Instead = call => call == "new-account" ? (429, "rateLimited", "3600") : null;
        await bench.SettleAsync();
        Assert.Equal(("False", "ErrRegisterACMEAccount"), Ready(Issuer(bench)));
        Assert.Contains("next try at 2026-03-01T13:00:0", Issuer(bench)["status"]!["conditions"]![0]!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Single(bench.Ca.Calls);
    }

    public static TheoryData<string> RolloverSteps => ["", .. FaultPoints.Rollover];

    [Theory]
    [MemberData(nameof(RolloverSteps))]
    public async Task A_key_is_rolled_over_where_the_issuer_asks_for_it_wherever_it_is_killed(string step)
    {
        using var bench = new AcmeBench();
        await bench.SettleAsync();
        var before = bench.Issuance.Entry("account", "tls.key");
        var killed = step.Length == 0;
        bench.AtStep = at =>
        {
            if (at == step && !killed)
            {
                killed = true;
                throw new KilledException(step);
            }
        };
        ChangeIssuer(bench, issuer => issuer["metadata"]!["annotations"] = new JsonObject { [AccountRollover.Annotation] = "2026" });
        await bench.SettleThroughKillsAsync();
        Assert.True(killed);
        Assert.NotEqual(before, bench.Issuance.Entry("account", "tls.key"));
        Assert.Null(bench.Issuance.Entry("account", AccountKeys.NextEntry));
        Assert.Equal(("True", "ACMEAccountRegistered"), Ready(Issuer(bench)));
        var jwk = new Sealock.Acme.Jose.AccountKey(KeyPair.FromPem(System.Text.Encoding.UTF8.GetString(bench.Issuance.Entry("account", "tls.key")!))).Jwk;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(jwk), JsonNode.Parse(bench.Ca.Accounts.Keys.Single())));
        bench.Issuance.AddCertificate("web");
        await bench.SettleAsync();
        Assert.True(bench.Issuance.IsReady("web"));
        Assert.Equal(1, bench.Ca.Calls.Count(call => call == "/key-change"));
    }

    [Fact]
    public async Task Names_and_addresses_are_ordered_together_and_the_secret_has_no_root()
    {
        using var bench = new AcmeBench();
        bench.Issuance.AddCertificate("web", """{"dnsNames": ["a.example.com", "b.example.com"], "ipAddresses": ["192.0.2.1"]}""");
        await bench.SettleAsync();
        Assert.True(bench.Issuance.IsReady("web"));
        Assert.Equal([("dns", "a.example.com"), ("dns", "b.example.com"), ("ip", "192.0.2.1")], bench.Ca.Orders.Values.Single().Names);
        Assert.Null(bench.Issuance.Entry("web-tls", "ca.crt"));
        var order = Assert.Single(bench.Orders);
        Assert.StartsWith("web-1-", order.Metadata.Name, StringComparison.Ordinal);
        Assert.Equal("CertificateRequest", order.Metadata.OwnerReferences.Single().Kind);
        Assert.Equal("valid", order.Status.State);
        Assert.Empty(bench.Challenges);
    }

    [Fact]
    public async Task A_refused_answer_fails_the_order_with_the_servers_words_and_leaves_nothing()
    {
        using var bench = new AcmeBench();
        var validate = bench.Ca.Validate;
        bench.Ca.Validate = (type, name, token) => name == "bad.example.com" ? "nobody is there" : validate(type, name, token);
        bench.Issuance.AddCertificate("web", """{"dnsNames": ["good.example.com", "bad.example.com"]}""");
        await bench.SettleAsync(TimeSpan.FromSeconds(30));
        var order = bench.Orders[0];
        Assert.Equal("invalid", order.Status.State);
        Assert.Contains("bad.example.com: nobody is there (unauthorized)", order.Status.Reason, StringComparison.Ordinal);
        Assert.NotNull(order.Status.FailureTime);
        Assert.Empty(bench.Challenges);
        var (status, _, message) = bench.Issuance.Condition("web", "Issuing");
        Assert.Equal("False", status);
        Assert.Contains("nobody is there", message, StringComparison.Ordinal);
        Assert.DoesNotContain(bench.Ca.Authorizations.Values, authorization => authorization.Status == "pending");
        bench.Ca.Validate = validate;
        await bench.SettleAsync(TimeSpan.FromHours(2));
        Assert.True(bench.Issuance.IsReady("web"));
    }

    [Fact]
    public async Task A_limited_server_is_left_alone_until_it_said_and_all_statuses_tell_so()
    {
        using var bench = new AcmeBench();
        await bench.SettleAsync();
        var until = bench.Issuance.Time.GetUtcNow() + TimeSpan.FromMinutes(50);
        bench.Ca.Instead = call => call == "new-order" && bench.Issuance.Time.GetUtcNow() < until ? (429, "rateLimited", "3000") : null;
        bench.Issuance.AddCertificate("web");
        await bench.SettleAsync();
        Assert.Equal(1, bench.Ca.Calls.Count(call => call == "/new-order"));
        const string Told = "next try at 2026-03-01T12:50:0";
        Assert.Contains(Told, bench.Orders.Single().Status.Reason, StringComparison.Ordinal);
        Assert.Contains(Told, bench.Issuance.Request("web-1")["status"]!["conditions"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Contains(Told, bench.Issuance.Condition("web", "Issuing").Message, StringComparison.Ordinal);
        bench.Start();
        await bench.SettleAsync();
        Assert.Equal(1, bench.Ca.Calls.Count(call => call == "/new-order"));
        await bench.SettleAsync(TimeSpan.FromHours(1));
        Assert.True(bench.Issuance.IsReady("web"));
        Assert.Equal(2, bench.Ca.Calls.Count(call => call == "/new-order"));
    }

    [Theory]
    [InlineData("acme.order.stored")]
    [InlineData("acme.order.challenges")]
    [InlineData("acme.challenge.tell")]
    [InlineData("acme.challenge.told")]
    [InlineData("acme.order.finalize")]
    [InlineData("acme.order.download")]
    public async Task A_server_that_forgot_everything_is_asked_anew(string step)
    {
        using var bench = new AcmeBench();
        var restarts = 0;
        bench.AtStep = at =>
        {
            if (at == step && restarts++ == 0)
                bench.Ca.Restart();
        };
        bench.Issuance.AddCertificate("web");
        await bench.SettleAsync();
        Assert.True(bench.Issuance.IsReady("web"), bench.Issuance.Condition("web", "Issuing").Message);
        Assert.Equal(1, bench.Issuance.Certificate("web").Status.Revision);
        Assert.Equal(["expired", "valid"], bench.Orders.Select(order => order.Status.State).Order());
        Assert.Equal("valid", Assert.Single(bench.Ca.Orders.Values).Status);
    }

    [Fact]
    public async Task A_server_that_always_forgets_is_not_asked_for_ever()
    {
        using var bench = new AcmeBench();
        bench.AtStep = at =>
        {
            if (at == "acme.challenge.tell")
                bench.Ca.Restart();
        };
        bench.Issuance.AddCertificate("web");
        await bench.SettleAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(3, bench.Orders.Count);
        Assert.Equal("False", bench.Issuance.Condition("web", "Issuing").Status);
    }

    [Fact]
    public async Task What_cannot_be_answered_here_is_refused_before_anything_is_ordered()
    {
        using var bench = new AcmeBench(new() { IsServer = true, TlsAlpnRefusal = "listen on 443", CheckCaa = false });
        bench.Issuance.AddCertificate("web");
        await bench.SettleAsync(TimeSpan.FromSeconds(20));
        Assert.Contains("web.example.com: listen on 443", bench.Orders[0].Status.Reason, StringComparison.Ordinal);
        Assert.Contains("listen on 443", bench.Issuance.Condition("web", "Issuing").Message, StringComparison.Ordinal);
        Assert.Empty(bench.Ca.Orders);
    }

    [Fact]
    public async Task Renewal_follows_the_servers_suggestion_and_names_what_is_replaced()
    {
        using var bench = new AcmeBench();
        var now = bench.Issuance.Time.GetUtcNow();
        bench.Ca.Suggests = (TimeSpan.FromDays(10), TimeSpan.FromDays(11));
        bench.Issuance.AddCertificate("web");
        await bench.SettleAsync();
        var certificate = bench.Issuance.Certificate("web");
        Assert.Equal(now.AddDays(10), certificate.Status.Acme!.Ari!.SuggestedWindow!.Start!.Value, TimeSpan.FromMinutes(1));
        Assert.InRange(certificate.Status.RenewalTime!.Value, now.AddDays(10), now.AddDays(11).AddMinutes(1));
        var replaced = Sealock.Acme.Orders.RenewalTiming.CertificateId(bench.Issuance.Leaf("web-tls"));
        bench.Issuance.Time.Advance(TimeSpan.FromDays(11) + TimeSpan.FromMinutes(1));
        await bench.SettleAsync();
        Assert.Equal(2, bench.Issuance.Certificate("web").Status.Revision);
        Assert.Equal([null, replaced], bench.Ca.Orders.Values.Select(order => order.Replaces));
    }

    [Fact]
    public async Task A_server_that_always_wants_renewal_at_once_is_heeded_once_in_six_hours()
    {
        using var bench = new AcmeBench();
        bench.Ca.Suggests = (TimeSpan.FromMinutes(-2), TimeSpan.FromMinutes(-1));
        bench.Issuance.AddCertificate("web");
        await bench.SettleAsync();
        Assert.Equal(2, bench.Issuance.Certificate("web").Status.Revision);
        Assert.Contains("too soon after the issue", bench.Issuance.Condition("web", "Ready").Message, StringComparison.Ordinal);
        foreach (var revision in (int[])[3, 4])
        {
            bench.Issuance.Time.Advance(TimeSpan.FromHours(6.1));
            await bench.SettleAsync();
            Assert.Equal(revision, bench.Issuance.Certificate("web").Status.Revision);
        }
    }

    [Fact]
    public async Task A_wildcard_without_dns_says_what_it_needs()
    {
        using var bench = new AcmeBench();
        bench.Issuance.AddCertificate("web", """{"dnsNames": ["*.example.com"]}""");
        await bench.SettleAsync(TimeSpan.FromSeconds(20));
        Assert.Contains("a wildcard is validated by dns01 only", bench.Orders[0].Status.Reason, StringComparison.Ordinal);
        Assert.Empty(bench.Ca.Orders);
    }

    [Theory]
    [InlineData("""{"dns01": {"cloudflare": {"apiTokenSecretRef": {"name": "t", "key": "t"}}}}""", "cloudflare is not spoken here: use rfc2136")]
    [InlineData("""{"dns01": {"webhook": {"groupName": "g", "solverName": "s", "config": {}}}}""", "has no config.url")]
    [InlineData("""{"dns01": {"webhook": {"groupName": "g", "solverName": "exec"}}}""", "--acme-dns01-hook")]
    [InlineData("""{"selector": {"dnsZones": ["other.example"]}, "tlsALPN01": {}}""", "none of the solvers")]
    public async Task A_solver_that_is_of_no_use_says_the_remedy(string solver, string expected)
    {
        using var bench = new AcmeBench(new() { IsServer = true, TlsAlpnRefusal = "", AnswersHttp = true, CheckCaa = false });
        ChangeIssuer(bench, issuer => issuer["spec"]!["acme"]!["solvers"] = new JsonArray(JsonNode.Parse(solver)));
        bench.Issuance.AddCertificate("web");
        await bench.SettleAsync(TimeSpan.FromSeconds(20));
        Assert.Contains(expected, bench.Orders[0].Status.Reason, StringComparison.Ordinal);
        Assert.Empty(bench.Ca.Orders);
    }

    [Fact]
    public async Task Over_an_Ingress_the_validation_is_led_here_and_nothing_of_it_stays()
    {
        using var bench = new AcmeBench(new() { SolverEndpoint = new(System.Net.IPAddress.Parse("192.0.2.9"), 8089), CheckCaa = false });
        ChangeIssuer(bench, issuer => issuer["spec"]!["acme"]!["solvers"] = new JsonArray(JsonNode.Parse("""
            {"waitInsteadOfSelfCheck": "2s", "http01": {"ingress": {"ingressClassName": "nginx", "ingressTemplate": {"metadata": {"labels": {"team": "web"}}}}}}
            """)));
        var seen = new List<string>();
        var validate = bench.Ca.Validate;
        bench.Ca.Validate = (type, name, token) =>
        {
            seen.AddRange(bench.Issuance.Server.Paths("/apis/networking.k8s.io/").Concat(bench.Issuance.Server.Paths("/api/v1/namespaces/ns/services/"))
                .Concat(bench.Issuance.Server.Paths("/api/v1/namespaces/ns/endpoints/")).Select(path => bench.Issuance.Server.Find(path)!.ToJsonString()));
            return validate(type, name, token);
        };
        bench.Issuance.AddCertificate("web");
        await bench.SettleAsync();
        Assert.True(bench.Issuance.IsReady("web"), bench.Issuance.Condition("web", "Issuing").Message);
        Assert.Equal(3, seen.Count);
        Assert.Contains("\"host\":\"web.example.com\"", seen[0], StringComparison.Ordinal);
        Assert.Contains("\"team\":\"web\"", seen[0], StringComparison.Ordinal);
        Assert.Contains("192.0.2.9", seen[2], StringComparison.Ordinal);
        Assert.Empty(bench.Issuance.Server.Paths("/apis/networking.k8s.io/"));
        Assert.Empty(bench.Issuance.Server.Paths("/api/v1/namespaces/ns/services/"));
        Assert.Empty(bench.Issuance.Server.Paths("/api/v1/namespaces/ns/endpoints/"));
    }

    [Fact]
    public async Task An_order_that_is_deleted_half_way_gives_its_authorizations_up()
    {
        using var bench = new AcmeBench();
        await bench.SettleAsync();
        bench.AtStep = at =>
        {
            if (at == "acme.challenge.tell")
                throw new KilledException(at);
        };
        bench.Issuance.AddCertificate("web");
        await Assert.ThrowsAsync<KilledException>(() => bench.SettleAsync());
        bench.AtStep = null;
        bench.Start();
        // As the garbage collector does when the owners go.
        bench.Issuance.Server.Put($"{AcmeBench.Api}/challenges/{bench.Challenges.Single().Metadata.Name}", WithDeletion(bench));
        await bench.SettleAsync(TimeSpan.FromSeconds(1));
        Assert.Contains(bench.Ca.Authorizations.Values, authorization => authorization.Status == "deactivated");
    }

    [Fact]
    public async Task Orders_and_Challenges_that_somebody_made_himself_are_not_answered()
    {
        using var bench = new AcmeBench();
        bench.Issuance.AddCertificate("web");
        await bench.SettleAsync();
        var calls = bench.Ca.Calls.Count;
        var order = bench.Issuance.Server.Find($"{AcmeBench.Api}/orders/{bench.Orders.Single().Metadata.Name}")!;
        order["metadata"] = new JsonObject { ["name"] = "mine" };
        order.Remove("status");
        bench.Issuance.Server.Put($"{AcmeBench.Api}/orders/mine", order);
        bench.Issuance.Server.Put($"{AcmeBench.Api}/challenges/mine", JsonNode.Parse("""
            {"metadata": {"name": "mine"}, "spec": {"url": "https://ca.example/challenge/1", "authorizationURL": "https://ca.example/authz/1",
             "dnsName": "api.example.com", "type": "TLS-ALPN-01", "token": "t", "key": "t.key-of-somebody", "solver": {"tlsALPN01": {}},
             "issuerRef": {"name": "ca"}}}
            """)!.AsObject());
        await bench.SettleAsync();
        Assert.Contains("no approved CertificateRequest", bench.Orders.Single(view => view.Metadata.Name == "mine").Status.Reason, StringComparison.Ordinal);
        var challenge = Assert.Single(bench.Challenges);
        Assert.Equal(("errored", false), (challenge.Status.State, challenge.Status.Presented));
        Assert.Equal(calls, bench.Ca.Calls.Count);
    }

    private static JsonObject WithDeletion(AcmeBench bench)
    {
        var challenge = bench.Issuance.Server.Find($"{AcmeBench.Api}/challenges/{bench.Challenges.Single().Metadata.Name}")!;
        challenge["metadata"]!["deletionTimestamp"] = "2026-03-01T12:00:00Z";
        return challenge;
    }

    private static JsonObject Issuer(AcmeBench bench) => bench.Issuance.Server.Find($"{IssuanceBench.Api}/issuers/ca")!;

    private static (string? Status, string? Reason) Ready(JsonObject issuer) =>
        ((string?)issuer["status"]!["conditions"]![0]!["status"], (string?)issuer["status"]!["conditions"]![0]!["reason"]);

    internal static void ChangeIssuer(AcmeBench bench, Action<JsonObject> change)
    {
        var issuer = Issuer(bench);
        change(issuer);
        bench.Issuance.Server.Put($"{IssuanceBench.Api}/issuers/ca", issuer);
    }
}
