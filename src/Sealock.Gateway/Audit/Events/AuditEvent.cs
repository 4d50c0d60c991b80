// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;
using System.Net;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;
using Sealock.Api.Schemas;
using Sealock.Api.Security;
using Sealock.Api.Serving;
using Sealock.Gateway.Audit.Policies;

namespace Sealock.Gateway.Audit.Events;

/// <summary>
/// What is known of one audited request so far (audit.k8s.io/v1 Event); written out once for each stage. Belongs to the
/// request, and is used by one thread at a time.
/// </summary>
internal sealed class AuditEvent
{
    private const int MaxUserAgentLength = 1024;
    private const int MaxAnnotations = 32;

    private readonly BodyFilter? _filter;

    /// <summary>Begins with what is known from the start.</summary>
    /// <param name="decision">What the policy asks for.</param>
    /// <param name="info">What the request is about.</param>
    /// <param name="filter">What is taken out of objects; null: nothing that is sent may be recorded.</param>
    public AuditEvent(AuditDecision decision, RequestInfo info, BodyFilter? filter)
    {
        Decision = decision;
        Info = info;
        Name = info.Name;
        Namespace = info.Namespace;
        _filter = filter;
    }

    /// <summary>What the policy asks for.</summary>
    public AuditDecision Decision { get; }

    /// <summary>What the request is about.</summary>
    public RequestInfo Info { get; }

    /// <summary>The request's id.</summary>
    public required string AuditId { get; init; }

    /// <summary>Path and query as they were sent.</summary>
    public required string RequestUri { get; init; }

    /// <summary>Who presented the credentials; null where they are not valid.</summary>
    public required UserInfo? User { get; init; }

    /// <summary>As whom the request is made, where that is somebody else.</summary>
    public UserInfo? ImpersonatedUser { get; set; }

    /// <summary>
    /// Where the request came from: the client, then trusted proxies on the way, the nearest last; empty for one of this process.
    /// </summary>
    public ImmutableArray<IPAddress> SourceIps { get; init; } = [];

    /// <summary>What the client calls itself; cut where it is too long.</summary>
    public string UserAgent
    {
        get;
        init => field = value.Length <= MaxUserAgentLength ? value : value[..MaxUserAgentLength] + "...TRUNCATED";
    } = "";

    /// <summary>When the request came in.</summary>
    public required DateTimeOffset Received { get; init; }

    /// <summary>Name of the object, once it is known.</summary>
    public string Name { get; private set; }

    /// <summary>Namespace of the object.</summary>
    public string Namespace { get; private set; }

    /// <summary>Uid that the client gave for the object.</summary>
    public string Uid { get; private set; } = "";

    /// <summary>Resource version that the client gave for the object.</summary>
    public string ResourceVersion { get; private set; } = "";

    /// <summary>The outcome; null until there is one.</summary>
    public AuditOutcome? Outcome { get; set; }

    /// <summary>The object that was sent, as compact JSON; null where it is not recorded.</summary>
    public byte[]? RequestObject { get; private set; }

    /// <summary>The object that was answered, as compact JSON; null where it is not recorded.</summary>
    public byte[]? ResponseObject { get; private set; }

    /// <summary>Further facts, in the order in which they became known.</summary>
    public List<KeyValuePair<string, string>>? Annotations { get; private set; }

    /// <summary>Whether there is to be an event when the answer begins, and was none yet.</summary>
    public bool StartIsDue { get; set; }

    /// <summary>Whether the server met a fault.</summary>
    public bool Panicked { get; private set; }

    /// <summary>Whether the answer's object is to be recorded.</summary>
    public bool WantsResponse => WantsErrors && !Info.IsLongRunning;

    private bool WantsErrors => Decision.Level >= AuditLevel.RequestResponse && Info.IsResource;

    private BodyFilter? RequestFilter => Decision.Level >= AuditLevel.Request && Info.IsResource ? _filter : null;

    private BodyFilter AnswerFilter => _filter ?? BodyFilter.Nothing;

    /// <summary>Notes a fact; the first value for a key stays.</summary>
    public void Annotate(string key, string value)
    {
        Annotations ??= [];
        if (Annotations.Count < MaxAnnotations && !Annotations.Exists(pair => pair.Key == key))
            Annotations.Add(KeyValuePair.Create(key, value));
    }

    /// <summary>Notes what the authorizer said.</summary>
    public void Decided(in AccessDecision decision)
    {
        Annotate("authorization.k8s.io/decision", decision.Allowed ? "allow" : "forbid");
        Annotate("authorization.k8s.io/reason", decision.Reason);
    }

    /// <summary>Notes the body of a request once it is decoded.</summary>
    public void Decoded(JsonObject body)
    {
        if (body["metadata"] is JsonObject metadata)
        {
            Name = FirstOf(Name, metadata, "name");
            Namespace = FirstOf(Namespace, metadata, "namespace");
            Uid = FirstOf(Uid, metadata, "uid");
            ResourceVersion = FirstOf(ResourceVersion, metadata, "resourceVersion");
        }

        if (RequestFilter is { } filter)
            RequestObject = Filtered(AuditBodies.From(body, filter));
    }

    /// <summary>Notes a patch, which is recorded as it was sent if it is JSON at all, and no more than is ever read.</summary>
    public void Patch(ReadOnlyMemory<byte> body)
    {
        if (RequestFilter is { } filter && JsonReading.IsWithin(body.Span))
            RequestObject = Filtered(AuditBodies.FromJson(body, filter));
    }

    /// <summary>Notes the answer.</summary>
    public void Answered(int code, ReadOnlyMemory<byte> body, string contentType)
    {
        Outcome = Info.Verb is "delete" && AuditBodies.IsStatus(body)
            ? AuditOutcome.Deleted(code, body)
            : new AuditOutcome(code);
        if (WantsResponse && !body.IsEmpty)
            ResponseObject = Filtered(AuditBodies.FromAnswer(body, contentType, AnswerFilter));
    }

    /// <summary>Notes an error answer.</summary>
    public void Failed(ApiException error)
    {
        Outcome = AnswerFilter.Quotes(error) ? AuditOutcome.FailureWithoutWords(error) : AuditOutcome.Failure(error);
        if (WantsErrors)
            ResponseObject = Filtered(AuditBodies.FromJson(StatusWriter.Failure(error), AnswerFilter));
    }

    /// <summary>Notes a fault of the server.</summary>
    public void Faulted(Exception fault)
    {
        Panicked = true;
        Outcome = AuditOutcome.Fault(fault);
    }

    /// <summary>Notes that an object is too large to be recorded.</summary>
    public void Truncated() => Annotate(AuditBodies.TruncatedKey, "true");

    private byte[]? Filtered(RecordedBody body)
    {
        if (body.Removed)
            Annotate(AuditBodies.RedactedKey, "true");
        if (body.TooLarge)
            Truncated();
        return body.Json;
    }

    private static string FirstOf(string known, JsonObject metadata, string field) =>
        known.Length == 0 && metadata[field] is JsonValue value && value.TryGetValue<string>(out var text) ? text : known;
}
