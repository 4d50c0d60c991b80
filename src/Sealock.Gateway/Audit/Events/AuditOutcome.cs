// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using System.Text.Json.Nodes;
using Sealock.Api.Objects;

namespace Sealock.Gateway.Audit.Events;

/// <summary>How a request ended, as <c>metav1.Status</c> (the event's responseStatus).</summary>
/// <param name="Code">HTTP status code.</param>
internal sealed record AuditOutcome(int Code)
{
    private const int ClosedEarlyCode = 200;
    private const int FaultCode = 500;

    /// <summary><c>Success</c> or <c>Failure</c> where the answer says so; else empty.</summary>
    public string Status { get; init; } = "";

    /// <summary>Words about it; may be empty.</summary>
    public string Message { get; init; } = "";

    /// <summary>Machine-readable reason; may be empty.</summary>
    public string Reason { get; init; } = "";

    /// <summary>What it is about; may be null.</summary>
    public StatusDetails? Details { get; init; }

    /// <summary>The client went away before there was an answer; in kube-apiserver's words, code included.</summary>
    public static AuditOutcome ClosedEarly { get; } =
        new(ClosedEarlyCode) { Status = "Success", Message = "Connection closed early" };

    /// <summary>An error answer.</summary>
    public static AuditOutcome Failure(ApiException error) => new(error.Code)
    {
        Status = "Failure",
        Message = error.Message,
        Reason = error.Reason,
        Details = error.Details,
    };

    /// <summary>An error answer whose words repeat what must not be recorded.</summary>
    public static AuditOutcome FailureWithoutWords(ApiException error) => Failure(error) with
    {
        Message = "",
        Details = error.Details is { } details ? details with { Causes = [] } : null,
    };

    /// <summary>A fault. Its text is the log's matter: nobody knows what it repeats.</summary>
    public static AuditOutcome Fault(Exception fault) => new(FaultCode)
    {
        Status = "Failure",
        Message = $"the server has met an error: {fault.GetType().Name}",
        Reason = "InternalError",
    };

    /// <summary>A deletion that was answered with a Status.</summary>
    public static AuditOutcome Deleted(int code, ReadOnlyMemory<byte> status)
    {
        var details = (JsonNode.Parse(status.Span, documentOptions: new JsonDocumentOptions { MaxDepth = 16 }) as JsonObject)
            ?["details"] as JsonObject;
        return new AuditOutcome(code)
        {
            Status = "Success",
            Details = details is null ? null : new StatusDetails
            {
                Name = Text(details, "name"),
                Group = Text(details, "group"),
                Kind = Text(details, "kind"),
                Uid = Text(details, "uid"),
            },
        };
    }

    private static string Text(JsonObject map, string field) =>
        map[field] is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";
}
