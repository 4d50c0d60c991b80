// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Objects;
using Sealock.Api.Security;

namespace Sealock.Gateway.Authentication;

/// <summary>The 403 answer in kube-apiserver's words.</summary>
internal static class AccessDenied
{
    /// <summary>Asks, and throws where the answer is no.</summary>
    /// <exception cref="ApiException">403.</exception>
    public static void Unless(IAuthorizer authorizer, in AccessQuestion question)
    {
        var decision = authorizer.Authorize(question);
        if (!decision.Allowed)
            throw For(question, decision.Reason);
    }

    /// <summary>The answer to a question that was decided with no.</summary>
    public static ApiException For(in AccessQuestion question, string reason)
    {
        var message = Escape(Message(question));
        return ApiException.Forbidden(
            question.Group, question.Resource, question.Name, reason.Length == 0 ? message : $"{message}: {reason}");
    }

    private static string Message(in AccessQuestion question)
    {
        var user = FieldError.Quote(question.User.Name);
        if (!question.IsResource)
            return $"User {user} cannot {question.Verb} path {FieldError.Quote(question.Path)}";
        var resource = question.Subresource.Length == 0
            ? question.Resource
            : $"{question.Resource}/{question.Subresource}";
        var where = question.Namespace.Length == 0
            ? "at the cluster scope"
            : $"in the namespace {FieldError.Quote(question.Namespace)}";
        return $"User {user} cannot {question.Verb} resource {FieldError.Quote(resource)} " +
            $"in API group {FieldError.Quote(question.Group)} {where}";
    }

    /// <summary>What the client chose must not look like HTML to a browser.</summary>
    private static string Escape(string text) =>
        text.AsSpan().IndexOfAny('&', '<', '>') < 0
            ? text
            : text.Replace("&", "&amp;", StringComparison.Ordinal)
                .Replace("<", "&lt;", StringComparison.Ordinal)
                .Replace(">", "&gt;", StringComparison.Ordinal);
}
