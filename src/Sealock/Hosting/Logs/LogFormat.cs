// SPDX-License-Identifier: Apache-2.0
namespace Sealock.Hosting.Logs;

/// <summary>How log lines are written.</summary>
internal enum LogFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>JSON with short names.</summary>
    Json,

    /// <summary>JSON with the names of the Elastic Common Schema.</summary>
    Ecs,
}
