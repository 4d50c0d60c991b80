// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Requests;
using Sealock.Tests.Support;

namespace Sealock.Tests.Controllers.Acme;

/// <summary>
/// An ACME server (RFC 8555) that keeps its promises: states move as they must, a challenge is validated against what a test
/// says, and everything it was asked can be looked at. Signatures are not verified.
/// </summary>
internal sealed class CaInMemory : HttpMessageHandler
{
    public const string Root = "https://ca.example";

    private readonly FakeTimeProvider _time;
    private readonly KeyPair _key = KeyPair.Generate();
    private readonly CertificateAuthority _authority;
    private readonly HashSet<string> _nonces = [];
    private int _last;

    public CaInMemory(FakeTimeProvider time)
    {
        _time = time;
        _authority = CertificateAuthority.CreateRoot("CA in memory", _key, time.GetUtcNow(), TimeSpan.FromDays(3650));
    }

    /// <summary>An order as the server has it.</summary>
    internal sealed class Order
    {
        public required string Account { get; init; }
        public required IReadOnlyList<(string Type, string Value)> Names { get; init; }
        public List<int> Authorizations { get; } = [];
        public string Status { get; set; } = "pending";
        public string? Certificate { get; set; }
        public string? Replaces { get; init; }
    }

    internal sealed class Authorization
    {
        public required (string Type, string Value) Name { get; init; }
        public bool Wildcard { get; init; }
        public string Status { get; set; } = "pending";
        public string? Failed { get; set; }
        public string Problem { get; set; } = "";
    }

    public Dictionary<string, string> Accounts { get; } = [];

    public Dictionary<string, List<string>> Contacts { get; } = [];

    public Dictionary<int, Order> Orders { get; } = [];

    public Dictionary<int, Authorization> Authorizations { get; } = [];

    public List<string> Calls { get; } = [];

    /// <summary>Why an answer is not right: type, name, token; null: it is.</summary>
    public Func<string, string, string, string?> Validate { get; set; } = (_, _, _) => null;

    /// <summary>Called with each call before and after it is done; may throw.</summary>
    public Action<string, bool>? OnCall { get; set; }

    /// <summary>Answers in place of the server: status, problem, Retry-After.</summary>
    public Func<string, (int Status, string Problem, string? RetryAfter)?> Instead { get; set; } = _ => null;

    public bool ListsOrders { get; set; } = true;

    public TimeSpan Lifetime { get; set; } = TimeSpan.FromDays(90);

    /// <summary>When it suggests to renew, from when it issued last; null: it makes no suggestions.</summary>
    public (TimeSpan Start, TimeSpan End)? Suggests { get; set; }

    public DateTimeOffset IssuedLast { get; private set; }

    /// <summary>Forgets everything but its own key.</summary>
    public void Restart()
    {
        Accounts.Clear();
        Orders.Clear();
        Authorizations.Clear();
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath;
        JsonObject? header = null;
        var payload = "";
        if (request.Content is not null)
        {
            var jws = JsonNode.Parse(await request.Content.ReadAsStringAsync(cancellationToken))!;
            header = JsonNode.Parse(Text(jws["protected"]))!.AsObject();
            payload = Text(jws["payload"]);
            Assert.True(_nonces.Remove((string)header["nonce"]!), "a nonce was used twice or made up");
            Calls.Add(path);
        }

        var call = path.Split('/')[1];
        OnCall?.Invoke(call, false);
        var answer = request.Content is not null && Instead(call) is { } instead
            ? Problem(instead.Status, instead.Problem, "as the test wants", instead.RetryAfter) : Answer(path, header, payload);
        OnCall?.Invoke(call, true);
        var nonce = $"nonce{++_last}";
        _nonces.Add(nonce);
        answer.Headers.Add("Replay-Nonce", nonce);
        return answer;
    }

    private HttpResponseMessage Answer(string path, JsonObject? header, string payload)
    {
        switch (path.Split('/'))
        {
            case ["", "directory"]:
                return Json(200, Directory());
            case ["", "nonce"]:
                return new HttpResponseMessage(HttpStatusCode.OK);
            case ["", "renewal-info", _]:
                return Json(200, $$"""{"suggestedWindow": {"start": "{{IssuedLast + Suggests!.Value.Start:O}}", "end": "{{IssuedLast + Suggests.Value.End:O}}"} }""");
            case ["", "new-account"]:
                return NewAccount(header!["jwk"]!.ToJsonString(), JsonNode.Parse(payload)!.AsObject());
        }

        var account = (string?)header?["kid"] ?? "";
        if (!Accounts.ContainsValue(account))
            return Problem(400, "accountDoesNotExist", "no such account");
        switch (path.Split('/'))
        {
            case ["", "account", var id] when payload.Length > 0:
                Contacts[id] = [.. JsonNode.Parse(payload)!["contact"]!.AsArray().Select(contact => (string)contact!)];
                return Json(200, Account(id));
            case ["", "account", var id]:
                return Json(200, Account(id));
            case ["", "orders", _]:
                return Json(200, new JsonObject { ["orders"] = new JsonArray([.. Orders.Where(o => o.Value.Account == account).Select(o => (JsonNode)$"{Root}/order/{o.Key}")]) }.ToJsonString());
            case ["", "key-change"]:
                var inner = JsonNode.Parse(payload)!;
                Accounts.Remove(Accounts.First(pair => pair.Value == account).Key);
                Accounts[JsonNode.Parse(Text(inner["protected"]))!["jwk"]!.ToJsonString()] = account;
                return Json(200, "{}");
            case ["", "new-order"]:
                return NewOrder(account, JsonNode.Parse(payload)!.AsObject());
            case ["", "order", var id] when Orders.TryGetValue(Number(id), out var order):
                Advance(order);
                return Json(200, OrderJson(Number(id)));
            case ["", "authz", var id] when Authorizations.TryGetValue(Number(id), out var authorization):
                if (payload.Contains("deactivated", StringComparison.Ordinal))
                {
                    authorization.Status = "deactivated";
                    Spoil(Number(id));
                }

                return Json(200, AuthorizationJson(Number(id)));
            case ["", "challenge", var id, var type] when Authorizations.TryGetValue(Number(id), out var authorization):
                return Respond(Number(id), authorization, type, payload);
            case ["", "finalize", var id] when Orders.TryGetValue(Number(id), out var order):
                return Finalize(Number(id), order, JsonNode.Parse(payload)!.AsObject());
            case ["", "certificate", var id] when Orders.TryGetValue(Number(id), out var order):
                return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent(order.Certificate!) };
            default:
                return Problem(404, "malformed", $"there is no {path}");
        }
    }

    private string Directory() => $$$"""
        {"newNonce": "{{{Root}}}/nonce", "newAccount": "{{{Root}}}/new-account", "newOrder": "{{{Root}}}/new-order",
         "revokeCert": "{{{Root}}}/revoke", "keyChange": "{{{Root}}}/key-change"{{{(Suggests is null ? "" : $", \"renewalInfo\": \"{Root}/renewal-info\"")}}}}
        """;

    private HttpResponseMessage NewAccount(string jwk, JsonObject payload)
    {
        var isNew = !Accounts.ContainsKey(jwk);
        if (isNew)
        {
            if (payload["onlyReturnExisting"]?.GetValue<bool>() == true)
                return Problem(400, "accountDoesNotExist", "no such account");
            Accounts[jwk] = $"{Root}/account/{++_last}";
            Contacts[Accounts[jwk].Split('/')[^1]] = [.. (payload["contact"] as JsonArray ?? []).Select(contact => (string)contact!)];
        }

        var answer = Json(isNew ? 201 : 200, Account(Accounts[jwk].Split('/')[^1]));
        answer.Headers.Location = new Uri(Accounts[jwk]);
        return answer;
    }

    private string Account(string id)
    {
        var account = new JsonObject
        {
            ["status"] = "valid",
            ["contact"] = new JsonArray([.. Contacts.GetValueOrDefault(id, []).Select(contact => (JsonNode)contact)]),
        };
        if (ListsOrders)
            account["orders"] = $"{Root}/orders/{id}";
        return account.ToJsonString();
    }

    private HttpResponseMessage NewOrder(string account, JsonObject payload)
    {
        var number = ++_last;
        var names = payload["identifiers"]!.AsArray().Select(name => ((string)name!["type"]!, (string)name["value"]!)).ToList();
        var order = Orders[number] = new Order { Account = account, Names = names, Replaces = (string?)payload["replaces"] };
        foreach (var (type, value) in names)
        {
            var isWildcard = value.StartsWith("*.", StringComparison.Ordinal);
            Authorizations[++_last] = new Authorization { Name = (type, isWildcard ? value[2..] : value), Wildcard = isWildcard };
            order.Authorizations.Add(_last);
        }

        var answer = Json(201, OrderJson(number));
        answer.Headers.Location = new Uri($"{Root}/order/{number}");
        return answer;
    }

    private HttpResponseMessage Respond(int id, Authorization authorization, string type, string payload)
    {
        if (payload.Length > 0)
        {
            if (authorization.Status != "pending")
                return Problem(400, "malformed", "the authorization is not pending");
            if (Validate(type, authorization.Name.Value, Token(id, type)) is { } wrong)
            {
                (authorization.Status, authorization.Failed, authorization.Problem) = ("invalid", type, wrong);
                Spoil(id);
            }
            else
            {
                authorization.Status = "valid";
            }
        }

        return Json(200, ChallengeJson(id, type).ToJsonString());
    }

    private HttpResponseMessage Finalize(int id, Order order, JsonObject payload)
    {
        Advance(order);
        if (order.Status != "ready")
            return Problem(403, "orderNotReady", "the order is not ready");
        var request = CertificateSigningRequest.Parse(Base64Url.DecodeFromChars((string)payload["csr"]!));
        var now = IssuedLast = _time.GetUtcNow();
        var leaf = _authority.Issue(new()
        {
            Subject = DistinguishedName.Empty,
            PublicKey = request.PublicKey,
            Profile = CertificateProfile.Server,
            Names = request.Names,
            Lifetime = Lifetime,
        }, now).Require();
        order.Certificate = leaf.ToPem() + _authority.Certificate.ToPem();
        order.Status = "processing";
        return Json(200, OrderJson(id));
    }

    private void Advance(Order order)
    {
        var states = order.Authorizations.Select(id => Authorizations[id].Status).ToList();
        if (order.Status == "processing")
            order.Status = "valid";
        else if (order.Status == "pending" && states.TrueForAll(state => state == "valid"))
            order.Status = "ready";
        else if (order.Status == "pending" && states.Exists(state => state is "invalid" or "deactivated"))
            order.Status = "invalid";
    }

    /// <summary>An order ends with any of its authorizations, whether anybody asks or not.</summary>
    private void Spoil(int authorization)
    {
        foreach (var order in Orders.Values.Where(order => order.Authorizations.Contains(authorization)))
            Advance(order);
    }

    private string OrderJson(int id)
    {
        var order = Orders[id];
        var json = new JsonObject
        {
            ["status"] = order.Status,
            ["identifiers"] = new JsonArray([.. order.Names.Select(name => (JsonNode)new JsonObject { ["type"] = name.Type, ["value"] = name.Value })]),
            ["authorizations"] = new JsonArray([.. order.Authorizations.Select(number => (JsonNode)$"{Root}/authz/{number}")]),
            ["finalize"] = $"{Root}/finalize/{id}",
        };
        if (order.Status == "valid")
            json["certificate"] = $"{Root}/certificate/{id}";
        return json.ToJsonString();
    }

    private string AuthorizationJson(int id)
    {
        var authorization = Authorizations[id];
        string[] types = authorization.Wildcard ? ["dns-01"] : authorization.Name.Type == "ip" ? ["http-01", "tls-alpn-01"] : ["http-01", "dns-01", "tls-alpn-01"];
        return new JsonObject
        {
            ["status"] = authorization.Status,
            ["identifier"] = new JsonObject { ["type"] = authorization.Name.Type, ["value"] = authorization.Name.Value },
            ["wildcard"] = authorization.Wildcard,
            ["challenges"] = new JsonArray([.. types.Select(type => (JsonNode)ChallengeJson(id, type))]),
        }.ToJsonString();
    }

    private JsonObject ChallengeJson(int id, string type)
    {
        var authorization = Authorizations[id];
        var challenge = new JsonObject
        {
            ["type"] = type,
            ["url"] = $"{Root}/challenge/{id}/{type}",
            ["token"] = Token(id, type),
            ["status"] = authorization.Status is "valid" or "pending" ? authorization.Status : authorization.Failed == type ? "invalid" : "pending",
        };
        if (authorization.Failed == type)
            challenge["error"] = JsonNode.Parse($$"""{"type": "urn:ietf:params:acme:error:unauthorized", "detail": "{{authorization.Problem}}", "status": 403}""");
        return challenge;
    }

    private static string Token(int id, string type) => $"token-{id}-{type}";

    private static int Number(string text) => int.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(JsonNode? base64Url) => Encoding.UTF8.GetString(Base64Url.DecodeFromChars((string)base64Url!));

    private static HttpResponseMessage Json(int status, string body) => new((HttpStatusCode)status) { Content = new StringContent(body) };

    private static HttpResponseMessage Problem(int status, string kind, string detail, string? retryAfter = null)
    {
        var answer = Json(status, $$"""{"type": "urn:ietf:params:acme:error:{{kind}}", "detail": "{{detail}}", "status": {{status}}}""");
        if (retryAfter is not null)
            answer.Headers.TryAddWithoutValidation("Retry-After", retryAfter);
        return answer;
    }
}
