// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Objects;

namespace Sealock.Api.Serving;

/// <summary>
/// Objects are only created in namespaces that exist and are not being deleted, and some namespaces stay
/// (kube-apiserver's NamespaceLifecycle admission).
/// </summary>
internal sealed class NamespaceLifecycle(ServerCore core)
{
    /// <summary>Refuses a creation in a namespace that is missing or going.</summary>
    /// <exception cref="ApiException">404 or 403.</exception>
    public async ValueTask CheckCreateAsync(RequestScope scope, string name, CancellationToken cancellationToken)
    {
        if (!scope.Resource.Namespaced || scope.Definition.Group == "authorization.k8s.io")
            return;
        var entry = core.Registry.FindEntry("", "namespaces", "", scope.Namespace, out var resource);
        if (resource is null)
            return;
        if (entry is null)
        {
            // It may have been created just now.
            await core.Feed.WaitUntilCurrentAsync(cancellationToken);
            entry = resource.Cache.Find("", scope.Namespace)
                ?? throw ApiException.NotFound("", "namespaces", scope.Namespace);
        }

        if (entry.DeletionTimestamp is null)
            return;
        var refusal = ApiException.Forbidden(
            scope.Definition.Group,
            scope.Definition.Plural,
            name,
            $"unable to create new content in namespace {scope.Namespace} because it is being terminated");
        var cause = new StatusCause(
            "NamespaceTerminating", $"namespace {scope.Namespace} is being terminated", "metadata.namespace");
        var details = (refusal.Details ?? new StatusDetails()) with { Causes = [cause] };
        throw new ApiException(refusal.Code, refusal.Reason, refusal.Message, details);
    }

    /// <summary>Refuses the deletion of namespaces that must stay.</summary>
    /// <exception cref="ApiException">403.</exception>
    public static void CheckDelete(in RequestScope scope, string name)
    {
        if (scope.Definition is { Group: "", Plural: "namespaces" }
            && name is ("default" or "kube-system" or "kube-public"))
            throw ApiException.Forbidden("", "namespaces", name, "this namespace may not be deleted");
    }
}
