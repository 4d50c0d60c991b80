// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Gateway.Audit.Policies;

/// <summary>How much of a request is recorded (audit.k8s.io/v1 Level).</summary>
public enum AuditLevel
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Who, when, what and with which outcome.</summary>
    Metadata,

    /// <summary>The object that was sent, too.</summary>
    Request,

    /// <summary>The object that was answered, too.</summary>
    RequestResponse,
}

/// <summary>When in the life of a request an event is made (audit.k8s.io/v1 Stage).</summary>
[Flags]
public enum AuditStages
{
    /// <summary>At no time.</summary>
    None = 0,

    /// <summary>It came in, and nothing was done yet.</summary>
    RequestReceived = 1,

    /// <summary>The headers of the answer go out, and its body takes its time: watches and streams only.</summary>
    ResponseStarted = 2,

    /// <summary>It was answered.</summary>
    ResponseComplete = 4,

    /// <summary>The server met a fault.</summary>
    Panic = 8,
}
