// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Sealock.Api.Client;
using Sealock.Api.Definitions;
using Sealock.Api.Objects;
using Sealock.Controllers.CertificateSigning;
using Sealock.Controllers.Definitions;
using Sealock.Controllers.Hosting;
using Sealock.Pki.Certificates;
using Sealock.Pki.Issuing;
using Sealock.Pki.Keys;
using Sealock.Pki.Requests;
using Sealock.Tests.Certificates;
using Sealock.Tests.Support;

namespace Sealock.Tests.Controllers;

/// <summary>The loops on an API server in memory that keeps the real rules of requests.</summary>
internal sealed class SigningBench : IAsyncDisposable
{
    public const string Requests = "/apis/certificates.k8s.io/v1/certificatesigningrequests";

    private readonly CancellationTokenSource _stop = new();
    private ControllerHost? _host;
    private Task _running = Task.CompletedTask;

    public SigningBench(TimeProvider? time = null)
    {
        Time = time ?? TimeProvider.System;
        Server.OnWrite = CheckRequest;
        Server.OnAnswer = (path, review) => path.EndsWith("subjectaccessreviews", StringComparison.Ordinal)
            ? new JsonObject { ["status"] = new JsonObject { ["allowed"] = MayCreate(review["spec"]!.AsObject()) } } : null;
    }

    public TimeProvider Time { get; }

    public MemoryApiServer Server { get; } = new();

    public Func<JsonObject, bool> MayCreate { get; set; } = _ => true;

    public ControllerHost Host => _host ?? throw new InvalidOperationException("not started");

    public static CertificateAuthority NewCa(string name, DateTimeOffset now, TimeSpan? lifetime = null) =>
        CertificateAuthority.CreateRoot(name, KeyPair.Generate(), now, lifetime);

    public ApiClient Client(Func<IApiTransport, IApiTransport>? wrap = null) => new(wrap is null ? Server : wrap(Server));

    public async Task StartAsync(ControllerOptions options, Func<IApiTransport, IApiTransport>? wrap = null)
    {
        var client = Client(wrap);
        _host = new ControllerHost(ControllerClients.Same(client), options, Time, NullLoggerFactory.Instance);
        _running = _host.RunAsync(_stop.Token);
        await _host.WaitForSyncAsync(CancellationToken.None);
    }

    public static ControllerOptions SigningOnly(params (string Signer, ISigningAuthority Authority)[] signers) => new()
    {
        Housekeeping = false,
        CleanRequests = false,
        Signers = signers.ToImmutableDictionary(signer => signer.Signer, signer => signer.Authority),
    };

    public string Add(
        string name, string signerName, string subject = "CN=jane", string names = "", string usages = "digital signature,client auth",
        string user = "jane", bool approved = false, int? expirationSeconds = null, string[]? groups = null)
    {
        var contents = SignerRulesTests.Contents(subject, names);
        using var key = KeyPair.Generate();
        var pem = CertificateSigningRequest.Create(key, contents.Subject, contents.Names).ToPem();
        var spec = new JsonObject
        {
            ["request"] = Convert.ToBase64String(Encoding.ASCII.GetBytes(pem)),
            ["signerName"] = signerName,
            ["usages"] = new JsonArray([.. usages.Split(',').Select(usage => (JsonNode)usage)]),
            ["username"] = user,
            ["groups"] = new JsonArray([.. (groups ?? ["system:nodes"]).Select(group => (JsonNode)group)]),
        };
        if (expirationSeconds is { } seconds)
            spec["expirationSeconds"] = seconds;
        var status = new JsonObject();
        if (approved)
            status["conditions"] = new JsonArray(RequestRun.Condition("Approved", updated: ObjectFields.Rfc3339(Time.GetUtcNow())));
        Server.Put($"{Requests}/{name}", new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name, ["creationTimestamp"] = ObjectFields.Rfc3339(Time.GetUtcNow()) },
            ["spec"] = spec,
            ["status"] = status,
        });
        return name;
    }

    public void Approve(string name)
    {
        var request = Server.Find($"{Requests}/{name}")!;
        request["status"]!["conditions"] = new JsonArray(RequestRun.Condition("Approved", updated: ObjectFields.Rfc3339(Time.GetUtcNow())));
        Server.Put($"{Requests}/{name}", request);
    }

    public string? Pem(string name) =>
        Server.Find($"{Requests}/{name}")?["status"]!["certificate"]?.GetValue<string>() is { } text
            ? Encoding.ASCII.GetString(Convert.FromBase64String(text)) : null;

    public JsonObject? ConditionOf(string name, string type) =>
        (Server.Find($"{Requests}/{name}")?["status"]!["conditions"] as JsonArray ?? [])
        .OfType<JsonObject>().FirstOrDefault(condition => condition["type"]!.GetValue<string>() == type);

    public async Task<Certificate> IssuedAsync(string name)
    {
        await Server.Until(() => Pem(name) is not null);
        return Certificate.FromPem(Pem(name)!);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _host?.Dispose();
        _stop.Dispose();
    }

    private void CheckRequest(string path, string subresource, JsonObject? old, JsonObject current)
    {
        if (!path.StartsWith(Requests, StringComparison.Ordinal) || old is null)
            return;
        var definition = RequestRun.Requests;
        var part = definition.Subresources.SingleOrDefault(part => part.Name == subresource);
        var operation = new ObjectOperation
        {
            Definition = definition,
            Subresource = part,
            Verb = "update",
            User = RequestRun.Jane,
            Namespace = "",
            Name = path.Split('/')[^1],
            Object = current,
            Old = old,
            Now = Time.GetUtcNow(),
            Authorizer = RequestRun.Rights.Everything,
            Objects = new Nothing(),
        };
        (part is null ? definition.PrepareForUpdate : part.PrepareForUpdate)!(operation);
        var errors = (part?.Validate ?? definition.Validate)!(operation).ToList();
        if (errors.Count > 0)
            throw FieldError.ToException(definition.Group, definition.Kind, operation.Name, errors);
    }

    private sealed class Nothing : IObjectReader
    {
        public JsonObject? Find(string group, string plural, string @namespace, string name) => null;
    }
}

/// <summary>
/// A connection that loses requests, loses answers after the server has acted, answers with conflicts and errors, and
/// ends watches, by chance.
/// </summary>
internal sealed class UnreliableTransport(IApiTransport inner, int seed, double rate) : IApiTransport
{
    private readonly Lock _gate = new();
    private readonly Random _random = new(seed);

    public int Faults { get; private set; }

    public async Task<TransportResponse> SendAsync(
        string method, string pathAndQuery, ReadOnlyMemory<byte> body, string? contentType, CancellationToken cancellationToken)
    {
        switch (Fault(method))
        {
            case 0:
                throw new HttpRequestException("the connection was refused");
            case 1:
                (await inner.SendAsync(method, pathAndQuery, body, contentType, cancellationToken)).Dispose();
                throw new HttpRequestException("the connection was lost before the answer");
            case 2:
                return Failure(ApiException.Conflict("", "things", "x", "somebody was faster"));
            case 3:
                return Failure(ApiException.Internal("out of order"));
            case 4:
                (await inner.SendAsync(method, pathAndQuery, body, contentType, cancellationToken)).Dispose();
                return await inner.SendAsync(method, pathAndQuery, body, contentType, cancellationToken);
            default:
                return await inner.SendAsync(method, pathAndQuery, body, contentType, cancellationToken);
        }
    }

    private int Fault(string method)
    {
        lock (_gate)
        {
            if (_random.NextDouble() >= rate)
                return -1;
            Faults++;
            return method == "GET" ? _random.Next(2) * 3 : _random.Next(5);
        }
    }

    private static TransportResponse Failure(ApiException failure) =>
        new(failure.Code, new MemoryStream(StatusWriter.Failure(failure)));
}
