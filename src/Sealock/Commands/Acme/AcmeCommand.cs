// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;

namespace Sealock.Commands.Acme;

/// <summary><c>sealock acme</c>: certificates from Let's Encrypt and other ACME servers, without any server of our own.</summary>
internal static class AcmeCommand
{
    public static Command Create() => new ExampleCommand(
        "acme",
        "Certificates from Let's Encrypt and other ACME servers, kept in files",
        "sealock acme issue example.com --email admin@example.com --agree-tos --http-01 --dir /etc/sealock/acme",
        "sealock acme renew --dir /etc/sealock/acme")
    {
        AcmeIssueCommand.Create(),
        AcmeRenewCommand.Create(),
        AcmeListCommand.Create(),
        AcmeForgetCommand.Create(),
        AcmeRevokeCommand.Create(),
        AcmeAccountCommand.Create(),
    };
}
