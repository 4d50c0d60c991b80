// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Api.Patching;

/// <summary>Why a patch was not applied, as the Status that kube-apiserver answers.</summary>
/// <param name="Code">The HTTP status.</param>
/// <param name="Reason">The Status's reason; empty where kube-apiserver sends none.</param>
/// <param name="Message">The Status's message.</param>
/// <param name="Cause">What exactly was wrong. Not for the client where kube-apiserver keeps it to itself.</param>
public sealed record PatchFailure(int Code, string Reason, string Message, string Cause)
{
    internal static PatchFailure BadRequest(string message) => new(400, "BadRequest", message, message);

    internal static PatchFailure TooLarge(string message) => new(413, "RequestEntityTooLarge", message, message);

    // kube-apiserver hides the cause of a patch that does not apply.
    internal static PatchFailure Unprocessable(string cause) =>
        new(422, "Invalid", "the server rejected our request due to an error in our request", cause);

    internal static PatchFailure Error(string message) => new(500, "", message, message);
}

/// <summary>Ends a patch from deep inside; never leaves this room.</summary>
internal sealed class PatchException(PatchFailure failure) : Exception(failure.Cause)
{
    public PatchFailure Failure { get; } = failure;
}
