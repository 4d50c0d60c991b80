// SPDX-License-Identifier: Apache-2.0
using System.Collections.Immutable;

namespace Sealock.Api.Objects;

/// <summary>
/// An error answer of the API: a failed <c>metav1.Status</c>. Thrown inside the server where a request cannot go on,
/// and by the client when a server answered so. Rendered in one place (<see cref="StatusWriter"/>).
/// </summary>
public sealed class ApiException(int code, string reason, string message, StatusDetails? details = null)
    : Exception(message)
{
    /// <summary>The HTTP status code.</summary>
    public int Code { get; } = code;

    /// <summary>Machine-readable reason, such as <c>NotFound</c>; may be empty.</summary>
    public string Reason { get; } = reason;

    /// <summary>What the error is about, or null.</summary>
    public StatusDetails? Details { get; } = details;

    /// <summary>With which a list may go on that has expired (metadata.continue); may be empty.</summary>
    public string ContinueToken { get; init; } = "";

    /// <summary>404 NotFound for an object.</summary>
    public static ApiException NotFound(string group, string resource, string name) => new(
        404, "NotFound", $"{QualifiedResource(group, resource)} \"{name}\" not found",
        new StatusDetails { Name = name, Group = group, Kind = resource });

    /// <summary>404 for a path or resource that is not served.</summary>
    public static ApiException NoSuchResource() => new(
        404, "NotFound", "the server could not find the requested resource", new StatusDetails());

    /// <summary>409 AlreadyExists.</summary>
    public static ApiException AlreadyExists(string group, string resource, string name) => new(
        409, "AlreadyExists", $"{QualifiedResource(group, resource)} \"{name}\" already exists",
        new StatusDetails { Name = name, Group = group, Kind = resource });

    /// <summary>409 Conflict: the object is not what the request assumed.</summary>
    public static ApiException Conflict(string group, string resource, string name, string why) => new(
        409, "Conflict", $"Operation cannot be fulfilled on {QualifiedResource(group, resource)} \"{name}\": {why}",
        new StatusDetails { Name = name, Group = group, Kind = resource });

    /// <summary>403 Forbidden with kube-apiserver's wording; <paramref name="name"/> may be empty.</summary>
    public static ApiException Forbidden(string group, string resource, string name, string why) => new(
        403, "Forbidden",
        (resource.Length, name.Length) switch
        {
            (0, _) => $"forbidden: {why}",
            (_, 0) => $"{QualifiedResource(group, resource)} is forbidden: {why}",
            _ => $"{QualifiedResource(group, resource)} \"{name}\" is forbidden: {why}",
        },
        new StatusDetails { Name = name, Group = group, Kind = resource });

    /// <summary>400 BadRequest.</summary>
    public static ApiException BadRequest(string message) => new(400, "BadRequest", message);

    /// <summary>401 Unauthorized, saying nothing about why.</summary>
    public static ApiException Unauthorized() => new(401, "Unauthorized", "Unauthorized");

    /// <summary>405 MethodNotAllowed.</summary>
    public static ApiException MethodNotAllowed() => new(
        405, "MethodNotAllowed", "the server does not allow this method on the requested resource", new StatusDetails());

    /// <summary>406 NotAcceptable.</summary>
    public static ApiException NotAcceptable(string supported) => new(
        406, "NotAcceptable", $"only the following media types are accepted: {supported}");

    /// <summary>410 Expired: the revision or continue token is too old; the client lists again.</summary>
    public static ApiException Expired(string message) => new(410, "Expired", message);

    /// <summary>413 RequestEntityTooLarge.</summary>
    public static ApiException TooLarge(string message) => new(413, "RequestEntityTooLarge", message);

    /// <summary>415 UnsupportedMediaType.</summary>
    public static ApiException UnsupportedMediaType(string message) => new(415, "UnsupportedMediaType", message);

    /// <summary>429 TooManyRequests; the client may come back after some seconds.</summary>
    public static ApiException TooManyRequests(string message, int retryAfterSeconds) => new(
        429, "TooManyRequests", message, new StatusDetails { RetryAfterSeconds = retryAfterSeconds });

    /// <summary>500 InternalError.</summary>
    public static ApiException Internal(string message) => new(
        500, "InternalError", $"Internal error occurred: {message}",
        new StatusDetails { Causes = [new StatusCause("", message, "")] });

    /// <summary>503 ServiceUnavailable.</summary>
    public static ApiException Unavailable(string message) => new(503, "ServiceUnavailable", message);

    /// <summary>504 Timeout; the client may try again.</summary>
    public static ApiException Timeout(string message, int retryAfterSeconds = 0) => new(
        504, "Timeout", $"Timeout: {message}", new StatusDetails { RetryAfterSeconds = retryAfterSeconds });

    /// <summary><c>resource.group</c>, or the resource alone for the core group.</summary>
    public static string QualifiedResource(string group, string resource) =>
        group.Length == 0 ? resource : $"{resource}.{group}";
}

/// <summary>metav1.StatusDetails: what an error is about.</summary>
public sealed record StatusDetails
{
    /// <summary>Object name.</summary>
    public string Name { get; init; } = "";

    /// <summary>API group.</summary>
    public string Group { get; init; } = "";

    /// <summary>Kind (of a validation error) or resource (of the others), as in Kubernetes.</summary>
    public string Kind { get; init; } = "";

    /// <summary>Uid of the object.</summary>
    public string Uid { get; init; } = "";

    /// <summary>One entry per thing that is wrong.</summary>
    public ImmutableArray<StatusCause> Causes { get; init; } = [];

    /// <summary>Seconds to wait before trying again; 0 says nothing.</summary>
    public int RetryAfterSeconds { get; init; }
}

/// <summary>metav1.StatusCause: one thing that is wrong, and with which field.</summary>
public sealed record StatusCause(string Reason, string Message, string Field);
