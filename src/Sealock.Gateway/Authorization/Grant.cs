// SPDX-License-Identifier: Apache-2.0
using Sealock.Api.Objects;
using Sealock.Api.Security;

namespace Sealock.Gateway.Authorization;

/// <summary>A binding as decisions use it, with the reasons that it gives worded once. Compared by reference.</summary>
internal sealed class Grant(RbacBinding binding)
{
    private readonly string?[] _reasons = new string?[binding.Subjects.Length];

    public RbacBinding Binding { get; } = binding;

    /// <summary>Why the binding allowed something to a user to whom it applies, in kube-apiserver's words.</summary>
    public string ReasonFor(UserInfo user)
    {
        for (var i = 0; i < Binding.Subjects.Length; i++)
        {
            if (AppliesTo(Binding.Subjects[i], user))
                return _reasons[i] ??= Describe(Binding.Subjects[i]);
        }

        return "";
    }

    private bool AppliesTo(RbacSubject subject, UserInfo user) => subject.Kind == RbacSubject.UserGroup
        ? user.Groups.Contains(subject.Name)
        : subject.UserNameIn(Binding.Namespace) == user.Name;

    private string Describe(RbacSubject subject)
    {
        var (kind, name) = Binding.Namespace.Length == 0
            ? ("ClusterRoleBinding", Binding.Name)
            : ("RoleBinding", $"{Binding.Name}/{Binding.Namespace}");
        var whom = subject.Kind == RbacSubject.ServiceAccount
            ? $"{subject.Name}/{(subject.Namespace.Length > 0 ? subject.Namespace : Binding.Namespace)}"
            : subject.Name;
        return $"RBAC: allowed by {kind} {FieldError.Quote(name)} of {Binding.Role.Kind} {FieldError.Quote(Binding.Role.Name)} "
            + $"to {subject.Kind} {FieldError.Quote(whom)}";
    }
}
