// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Acme.Client;
using Sealock.Acme.Jose;
using Sealock.Acme.Messages;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;

namespace Sealock.Tests.Acme;

public sealed class ClientTests : IDisposable
{
    private const string Root = FakeAcmeServer.Root;

    private const string PendingOrder = $$$"""
        {"status":"pending","expires":"2026-03-02T00:00:00.123456789Z","identifiers":[{"type":"dns","value":"a.example"}],
         "authorizations":["{{{Root}}}/authz/1"],"finalize":"{{{Root}}}/finalize/1","later":{"new":["thing"]}}
        """;

    private readonly FakeAcmeServer _server = new();

    public void Dispose() => _server.Dispose();

    [Fact]
    public async Task A_new_account_signs_with_its_key_and_the_rest_with_its_name()
    {
        _server.At("/new-account", new FakeAnswer(201, """{"status":"valid","contact":["mailto:a@example.com"]}""", ("Location", $"{Root}/account/1")));
        _server.At("/account/1", new FakeAnswer(200, """{"status":"valid"}"""));
        var client = _server.Client();
        var made = await client.NewAccountAsync(_server.Account.Key, new() { AgreesToTerms = true, Contact = ["mailto:a@example.com"] });
        Assert.True(made.IsOk, made.Failure?.Message);
        Assert.Equal(($"{Root}/account/1", true), (made.Value.Url, made.Value.IsNew));
        Assert.True((await client.GetAccountAsync(_server.Account)).IsOk);

        var (first, second) = (_server.Calls.First(), _server.Calls.Last());
        Assert.Equal("""{"termsOfServiceAgreed":true,"contact":["mailto:a@example.com"]}""", first.Payload);
        Assert.Equal(_server.Account.Key.Jwk, first.Header!["jwk"]!.ToJsonString());
        Assert.Null(first.Header["kid"]);
        Assert.Equal("", second.Payload);
        Assert.Equal($"{Root}/account/1", (string?)second.Header!["kid"]);
        Assert.Null(second.Header["jwk"]);
        // The directory's answer had a nonce with it, and each answer the next: none was asked for.
        Assert.DoesNotContain(_server.Requests, request => request.Path == "/nonce");
    }

    [Fact]
    public async Task A_nonce_that_is_not_accepted_is_replaced_by_the_one_in_the_answer()
    {
        _server.At(
            "/order/1", FakeAnswer.Problem(400, "badNonce"), FakeAnswer.Problem(400, "badNonce"), new(200, PendingOrder));
        var order = await _server.Client().GetOrderAsync(_server.Account, $"{Root}/order/1");
        Assert.True(order.IsOk, order.Failure?.Message);
        Assert.Equal(["nonce1", "nonce2", "nonce3"], _server.Calls.Select(call => (string?)call.Header!["nonce"]));
    }

    [Fact]
    public async Task A_server_that_accepts_no_nonce_is_given_up()
    {
        _server.At("/order/1", FakeAnswer.Problem(400, "badNonce"));
        var order = await _server.Client(new() { NonceTries = 7 }).GetOrderAsync(_server.Account, $"{Root}/order/1");
        Assert.Equal(AcmeFailureKind.Refused, order.Failure?.Kind);
        Assert.Equal(7, _server.Calls.Count());
    }

    [Fact]
    public async Task A_nonce_is_asked_for_where_no_answer_had_one()
    {
        _server.At("/directory", new FakeAnswer(200, FakeAcmeServer.Directory()) { WithNonce = false });
        _server.At("/order/1", new FakeAnswer(200, PendingOrder));
        Assert.True((await _server.Client().GetOrderAsync(_server.Account, $"{Root}/order/1")).IsOk);
        Assert.Equal("HEAD", Assert.Single(_server.Requests, request => request.Path == "/nonce").Method);
    }

    [Fact]
    public async Task A_nonce_goes_to_the_call_that_asked_for_it_even_where_another_looks_for_one_meanwhile()
    {
        var late = new LateBody();
        _server.At("/directory", new FakeAnswer(200, FakeAcmeServer.Directory()) { WithNonce = false });
        _server.At("/nonce", new(200) { Late = late }, new(200));
        _server.At("/order/1", new FakeAnswer(200, PendingOrder) { WithNonce = false });
        var client = _server.Client();
        var first = client.GetOrderAsync(_server.Account, $"{Root}/order/1");
        await late.Awaited;
        Assert.True((await client.GetOrderAsync(_server.Account, $"{Root}/order/1")).IsOk);
        late.Arrive();
        var order = await first;
        Assert.True(order.IsOk, order.Failure?.Message);
        Assert.Equal(["nonce2", "nonce1"], _server.Calls.Select(call => (string?)call.Header!["nonce"]));
    }

    [Fact]
    public async Task Nonces_that_are_not_accepted_do_not_count_among_the_tries_after_an_outage()
    {
        _server.At(
            "/order/1", FakeAnswer.Problem(400, "badNonce"), FakeAnswer.Problem(400, "badNonce"), FakeAnswer.Problem(400, "badNonce"),
            new FakeAnswer(503), new(200, PendingOrder));
        var order = await _server.WaitAsync(_server.Client().GetOrderAsync(_server.Account, $"{Root}/order/1"));
        Assert.True(order.IsOk, order.Failure?.Message);
    }

    [Theory]
    [InlineData(429, "5")]
    [InlineData(503, "5")]
    [InlineData(429, "Sun, 01 Mar 2026 12:00:05 GMT")]
    public async Task A_short_wait_is_waited(int status, string retryAfter)
    {
        _server.At("/order/1", new FakeAnswer(status, "busy", ("Retry-After", retryAfter)), new(200, PendingOrder));
        var began = _server.Clock.GetUtcNow();
        var order = await _server.WaitAsync(_server.Client().GetOrderAsync(_server.Account, $"{Root}/order/1"));
        Assert.True(order.IsOk, order.Failure?.Message);
        Assert.Equal(2, _server.Calls.Count());
        Assert.True(_server.Clock.GetUtcNow() - began >= TimeSpan.FromSeconds(5));
    }

    [Theory]
    [InlineData("3600", "2026-03-01T13:00:00Z")]
    [InlineData("Mon, 02 Mar 2026 12:00:00 GMT", "2026-03-02T12:00:00Z")]
    public async Task A_long_wait_is_told_with_its_end_and_not_begun(string retryAfter, string expected)
    {
        _server.At("/new-order", FakeAnswer.Problem(429, "rateLimited", ("Retry-After", retryAfter)));
        var order = await _server.Client().NewOrderAsync(_server.Account, new() { Identifiers = [AcmeIdentifier.Parse("a.example")] });
        Assert.Equal(AcmeFailureKind.RateLimited, order.Failure?.Kind);
        Assert.Equal(DateTimeOffset.Parse(expected), order.Failure!.RetryAt);
        Assert.Contains("because of rateLimited", order.Failure.Message, StringComparison.Ordinal);
        Assert.Single(_server.Calls);
    }

    [Fact]
    public async Task Waits_add_up_to_the_callers_budget_and_no_further()
    {
        _server.At("/order/1", new FakeAnswer(503, "", ("Retry-After", "4")));
        var order = await _server.WaitAsync(
            _server.Client(new() { WaitBudget = TimeSpan.FromSeconds(10) }).GetOrderAsync(_server.Account, $"{Root}/order/1"));
        Assert.Equal(AcmeFailureKind.Unavailable, order.Failure?.Kind);
        Assert.NotNull(order.Failure!.RetryAt);
        // Twice four seconds are waited; a third time would be more than ten.
        Assert.Equal(3, _server.Calls.Count());
    }

    [Fact]
    public async Task What_must_not_be_done_twice_is_not_sent_twice()
    {
        _server.At("/new-order", new FakeAnswer(500, "oops"));
        var order = await _server.Client().NewOrderAsync(_server.Account, new() { Identifiers = [AcmeIdentifier.Parse("a.example")] });
        Assert.Equal((AcmeFailureKind.Unavailable, 500), (order.Failure!.Kind, order.Failure.Status));
        Assert.Single(_server.Calls);
    }

    [Theory]
    [InlineData(302, "", "Location", "https://elsewhere.example/", "redirect")]
    [InlineData(200, "[1]", "X", "", "something else")]
    [InlineData(200, """{"status":"pending","identifiers":[null]}""", "X", "", "something else")]
    [InlineData(200, """{"status":"pending","identifiers":[{"type":"dns"}]}""", "X", "", "something else")]
    [InlineData(200, """{"status":"pending","authorizations":[null]}""", "X", "", "something else")]
    [InlineData(200, """{"expires":"now"}""", "X", "", "something else")]
    [InlineData(200, "<html>", "X", "", "something else")]
    public async Task An_answer_that_is_none_is_told(int status, string body, string header, string value, string expected)
    {
        _server.At("/order/1", new FakeAnswer(status, body, (header, value)));
        var order = await _server.Client().GetOrderAsync(_server.Account, $"{Root}/order/1");
        Assert.Equal(AcmeFailureKind.Malformed, order.Failure?.Kind);
        Assert.Contains(expected, order.Failure!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_answer_larger_than_the_limit_is_not_read()
    {
        _server.At("/order/1", new FakeAnswer(200, new string(' ', 2000) + PendingOrder));
        var order = await _server.Client(new() { MaxAnswer = 1500 }).GetOrderAsync(_server.Account, $"{Root}/order/1");
        Assert.Contains("more than 1500 bytes", order.Failure?.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://ca.example/order/1")]
    [InlineData("https://user:secret@ca.example/order/1")]
    [InlineData("/order/1")]
    [InlineData("")]
    public async Task Only_https_urls_are_asked(string url)
    {
        var order = await _server.Client().GetOrderAsync(_server.Account, url);
        Assert.Equal(AcmeFailureKind.Malformed, order.Failure?.Kind);
        Assert.Empty(_server.Requests);
    }

    [Fact]
    public async Task A_new_order_says_all_that_is_wanted_and_nothing_else()
    {
        _server.At("/new-order", new FakeAnswer(201, PendingOrder, ("Location", "/order/7"), ("Retry-After", "3")));
        var client = _server.Client();
        var order = await client.NewOrderAsync(_server.Account, new()
        {
            Identifiers = [AcmeIdentifier.Parse("*.A.example."), AcmeIdentifier.Parse("2001:DB8::1")],
            Profile = "short",
            Replaces = "a.b",
            NotAfter = new(2026, 4, 1, 0, 0, 0, TimeSpan.Zero),
        });
        Assert.Equal($"{Root}/order/7", order.Value?.Url);
        Assert.Equal(_server.Clock.GetUtcNow() + TimeSpan.FromSeconds(3), order.AskAgainAt);
        Assert.Equal(new DateTimeOffset(2026, 3, 2, 0, 0, 0, TimeSpan.Zero).AddTicks(1234567), order.Value!.Expires);
        await client.NewOrderAsync(_server.Account, new() { Identifiers = [AcmeIdentifier.Parse("a.example")] });
        Assert.Equal(
            [
                """{"identifiers":[{"type":"dns","value":"*.a.example"},{"type":"ip","value":"2001:db8::1"}],"notAfter":"2026-04-01T00:00:00Z","profile":"short","replaces":"a.b"}""",
                """{"identifiers":[{"type":"dns","value":"a.example"}]}""",
            ],
            _server.Calls.Select(call => call.Payload));
    }

    [Fact]
    public async Task A_key_is_changed_by_a_message_within_a_message()
    {
        _server.At("/key-change", new FakeAnswer(200, "{}"));
        using var key = KeyPair.Generate(KeyAlgorithm.Rsa2048);
        var changed = await _server.Client().ChangeKeyAsync(_server.Account, new AccountKey(key));
        Assert.Same(key, changed.Value?.Key.Signer);
        var call = Assert.Single(_server.Calls);
        Assert.Equal(_server.Account.Url, (string?)call.Header!["kid"]);
        var inner = JsonNode.Parse(call.Payload)!;
        var header = JsonNode.Parse(Base64Url.DecodeFromChars((string)inner["protected"]!))!;
        Assert.Equal(("RS256", $"{Root}/key-change"), ((string?)header["alg"], (string?)header["url"]));
        Assert.Null(header["nonce"]);
        Assert.Equal(changed.Value!.Key.Jwk, header["jwk"]!.ToJsonString());
        Assert.Equal(
            $$"""{"account":"{{_server.Account.Url}}","oldKey":{{_server.Account.Key.Jwk}}}""",
            Encoding.UTF8.GetString(Base64Url.DecodeFromChars((string)inner["payload"]!)));
    }

    [Fact]
    public async Task Lost_orders_are_found_in_the_accounts_list_page_by_page()
    {
        _server.At("/account/1", new FakeAnswer(200, $$"""{"status":"valid","orders":"{{Root}}/orders"}"""));
        _server.At(
            "/orders",
            new FakeAnswer(200, $$"""{"orders":["{{Root}}/order/1","http://plain.example/2"]}""", ("Link", $"<{Root}/orders?cursor=2>;rel=\"next\"")),
            new FakeAnswer(200, $$"""{"orders":["{{Root}}/order/3"]}"""));
        var orders = await _server.Client().ListOrdersAsync(_server.Account);
        Assert.Equal([$"{Root}/order/1", $"{Root}/order/3"], orders.Value);
    }

    [Theory]
    [InlineData("""{"status":"valid"}""")]
    [InlineData("""{"status":"valid","orders":"https://ca.example/orders"}""")]
    public async Task A_server_that_lists_no_orders_says_so(string account)
    {
        _server.At("/account/1", new FakeAnswer(200, account));
        _server.At("/orders", FakeAnswer.Problem(404, "malformed"));
        Assert.Equal(AcmeFailureKind.NotOffered, (await _server.Client().ListOrdersAsync(_server.Account)).Failure?.Kind);
    }

    [Theory]
    [InlineData(null, "Long Root", 1)]
    [InlineData("Long Root", "Long Root", 1)]
    [InlineData("Short Root", "Short Root", 2)]
    [InlineData("Nobody", "Long Root", 3)]
    public async Task The_preferred_chain_is_found_among_the_alternates(string? preferred, string expected, int downloads)
    {
        _server.At("/cert/1", new FakeAnswer(
            200, Chain("Long Root"), ("Link", $"<{Root}/directory>;rel=\"index\", <{Root}/cert/1/1>;rel=\"alternate\""), ("Link", "</cert/1/2>; rel=alternate")));
        _server.At("/cert/1/1", new FakeAnswer(200, Chain("Short Root")));
        _server.At("/cert/1/2", new FakeAnswer(200, Chain("Other Root")));
        var chain = await _server.Client().DownloadAsync(_server.Account, $"{Root}/cert/1", preferred);
        Assert.Equal(expected, chain.Value?.Leaf.Issuer.CommonName);
        Assert.Equal(downloads, _server.Calls.Count());
    }

    [Fact]
    public async Task A_certificate_is_revoked_in_the_accounts_name_or_by_its_own_key()
    {
        _server.At("/revoke", new FakeAnswer(200), FakeAnswer.Problem(400, "alreadyRevoked"), FakeAnswer.Problem(403, "unauthorized"));
        var certificate = Certificate.FromPem(Chain("Root"));
        using var key = KeyPair.Generate();
        var client = _server.Client();
        Assert.False((await client.RevokeAsync(_server.Account, certificate, RevocationReason.KeyCompromise)).Value!.WasRevokedBefore);
        Assert.True((await client.RevokeAsync(new AccountKey(key), certificate)).Value!.WasRevokedBefore);
        Assert.True((await client.RevokeAsync(_server.Account, certificate)).Failure!.Is(ProblemKinds.Unauthorized));
        var calls = _server.Calls.ToList();
        var der = Base64Url.EncodeToString(certificate.Der.Span);
        Assert.Equal($$"""{"certificate":"{{der}}","reason":1}""", calls[0].Payload);
        Assert.Equal($$"""{"certificate":"{{der}}"}""", calls[1].Payload);
        Assert.Equal((true, false), (calls[1].Header!["jwk"] is not null, calls[1].Header!["kid"] is not null));
    }

    [Fact]
    public async Task A_suggested_renewal_time_is_asked_for_without_a_signature()
    {
        _server.At("/renewal-info/a.b", new FakeAnswer(
            200, """{"suggestedWindow":{"start":"2026-03-10T00:00:00Z","end":"2026-03-12T00:00:00Z"},"explanationURL":"https://why.example"}""",
            ("Retry-After", "21600")));
        var info = await _server.Client().GetRenewalInfoAsync("a.b");
        Assert.Equal("https://why.example", info.Value?.ExplanationURL);
        Assert.Equal(_server.Clock.GetUtcNow() + TimeSpan.FromHours(6), info.AskAgainAt);
        Assert.Equal("GET", Assert.Single(_server.Calls).Method);
    }

    [Fact]
    public async Task What_a_server_does_not_offer_is_told()
    {
        _server.At("/directory", new FakeAnswer(200, $$"""{"newNonce":"{{Root}}/nonce"}"""));
        Assert.Equal(AcmeFailureKind.NotOffered, (await _server.Client().GetRenewalInfoAsync("a.b")).Failure?.Kind);
    }

    [Fact]
    public async Task A_page_that_is_no_directory_is_told_with_the_remedy()
    {
        _server.At("/directory", new FakeAnswer(200, "<html>welcome</html>"));
        Assert.Contains("is no ACME directory", (await _server.Client().GetDirectoryAsync()).Failure?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Compound_problems_are_told_with_the_names_they_are_about()
    {
        _server.At("/new-order", new FakeAnswer(400, """
            {"type":"urn:ietf:params:acme:error:malformed","detail":"Some of the identifiers\nwere rejected","subproblems":[
             {"type":"urn:ietf:params:acme:error:caa","detail":"forbidden","identifier":{"type":"dns","value":"a.example"}},
             {"type":7,"detail":null,"identifier":"x"},3]}
            """));
        var order = await _server.Client().NewOrderAsync(_server.Account, new() { Identifiers = [AcmeIdentifier.Parse("a.example")] });
        Assert.Equal(
            "ca.example refused the new order: Some of the identifiers were rejected (malformed): a.example: forbidden (caa); no reason given",
            order.Failure?.Message);
    }

    private static string Chain(string issuer)
    {
        using var caKey = KeyPair.Generate();
        using var key = KeyPair.Generate();
        var now = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        return CertificateAuthority.CreateRoot(issuer, caKey, now).Issue(new()
        {
            Subject = DistinguishedName.Create("a.example"),
            PublicKey = key.PublicKey,
            Profile = CertificateProfile.Server,
        }, now).Require().ToPem();
    }
}
