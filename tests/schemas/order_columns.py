"""The columns of orders and acknowledgements as the domain specification prints them (6.2 to 6.5)."""

from typing import NamedTuple


class Printed(NamedTuple):
    """One line of a table: columns, length, field, evidence."""

    columns: str
    length: int
    name: str
    evidence: str


def _table(text: str) -> tuple[Printed, ...]:
    lines = (line.split() for line in text.strip().splitlines())
    return tuple(Printed(columns, int(length), name, mark) for columns, length, name, mark in lines)


HEADER = _table("""
1-3 3 document_code V
4-25 22 control_number V
26-30 5 state_fips L
31-39 9 ein L
40-48 9 primary_ein L
49-56 8 creation_date L
57-62 6 creation_time L
63-80 18 error_field_name L
""")

TRAILER = _table("""
1-3 3 document_code V
4-25 22 control_number L
26-30 5 batch_count L
31-35 5 record_count L
36-40 5 employer_sent_count L
41-45 5 state_sent_count L
46-63 18 error_field_name L
""")

ORDER = _table("""
1-3 3 document_code V
4-6 3 filler V
7-9 3 action_code V
10-17 8 document_date V
18-52 35 issuing_state_name V
53-87 35 issuing_jurisdiction_name V
88-102 15 case_id V
103-159 57 employer_name V
160-184 25 employer_address1 V
185-209 25 employer_address2 L
210-231 22 employer_city L
232-233 2 employer_state L
234-238 5 employer_zip L
239-242 4 employer_zip4 L
243-251 9 ein L
252-271 20 employee_last_name L
272-286 15 employee_first_name L
287-301 15 employee_middle_name L
302-305 4 employee_suffix L
306-314 9 employee_ssn L
315-322 8 employee_birth_date L
323-379 57 obligee_last_name L
380-394 15 obligee_first_name L
395-409 15 obligee_middle_name L
410-413 4 obligee_suffix L
414-448 35 issuing_tribunal_name L
449-459 11 current_support_amount L
460-460 1 current_support_frequency L
461-471 11 past_due_support_amount L
472-472 1 past_due_support_frequency L
473-483 11 current_cash_medical_amount L
484-484 1 current_cash_medical_frequency L
485-495 11 past_due_cash_medical_amount L
496-496 1 past_due_cash_medical_frequency L
497-507 11 current_spousal_amount L
508-508 1 current_spousal_frequency L
509-519 11 past_due_spousal_amount L
520-520 1 past_due_spousal_frequency L
521-531 11 other_obligation_amount L
532-532 1 other_obligation_frequency L
533-567 35 other_obligation_description L
568-578 11 total_amount L
579-579 1 total_frequency L
580-580 1 arrears_over_12_weeks L
581-591 11 weekly_deduction L
592-602 11 biweekly_deduction L
603-613 11 semimonthly_deduction L
614-624 11 monthly_deduction L
625-659 35 applied_in_state_name L
660-661 2 begin_withholding_within_days L
662-669 8 withholding_start L
670-671 2 send_payment_within_days L
672-673 2 ccpa_percent_limit L
674-730 57 payee_name L
731-755 25 payee_address1 L
756-780 25 payee_address2 L
781-802 22 payee_city L
803-804 2 payee_state L
805-809 5 payee_zip L
810-813 4 payee_zip4 L
814-820 7 payee_remittance_fips L
821-890 70 government_official_name L
891-940 50 issuing_official_title L
941-941 1 send_copy_to_employee L
942-1101 160 penalty_text L
1102-1261 160 antidiscrimination_text L
1262-1421 160 payee_withholding_limit_text L
1422-1478 57 employee_contact_name L
1479-1488 10 employee_contact_phone L
1489-1498 10 employee_contact_fax L
1499-1546 48 employee_contact_email L
1547-1576 30 document_tracking_number L
1577-1606 30 order_identifier L
1607-1663 57 employer_contact_name L
1664-1688 25 employer_contact_address1 L
1689-1713 25 employer_contact_address2 L
1714-1735 22 employer_contact_city L
1736-1737 2 employer_contact_state L
1738-1742 5 employer_contact_zip L
1743-1746 4 employer_contact_zip4 L
1747-1756 10 employer_contact_phone L
1757-1766 10 employer_contact_fax L
1767-1814 48 employer_contact_email L
1815-1834 20 child_1_last_name L
1835-1849 15 child_1_first_name L
1850-1864 15 child_1_middle_name L
1865-1868 4 child_1_suffix L
1869-1876 8 child_1_birth_date L
1877-1896 20 child_2_last_name L
1897-1911 15 child_2_first_name L
1912-1926 15 child_2_middle_name L
1927-1930 4 child_2_suffix L
1931-1938 8 child_2_birth_date L
1939-1958 20 child_3_last_name L
1959-1973 15 child_3_first_name L
1974-1988 15 child_3_middle_name L
1989-1992 4 child_3_suffix L
1993-2000 8 child_3_birth_date L
2001-2020 20 child_4_last_name L
2021-2035 15 child_4_first_name L
2036-2050 15 child_4_middle_name L
2051-2054 4 child_4_suffix L
2055-2062 8 child_4_birth_date L
2063-2082 20 child_5_last_name L
2083-2097 15 child_5_first_name L
2098-2112 15 child_5_middle_name L
2113-2116 4 child_5_suffix L
2117-2124 8 child_5_birth_date L
2125-2144 20 child_6_last_name L
2145-2159 15 child_6_first_name L
2160-2174 15 child_6_middle_name L
2175-2178 4 child_6_suffix L
2179-2186 8 child_6_birth_date L
2187-2197 11 lump_sum_amount L
2198-2217 20 remittance_identifier L
2218-2242 25 document_image_text L
""")

ACKNOWLEDGEMENT = _table("""
1-3 3 document_code V
4-6 3 action_code V
7-21 15 case_id L
22-30 9 ein L
31-50 20 employee_last_name L
51-65 15 employee_first_name L
66-80 15 employee_middle_name L
81-84 4 employee_suffix L
85-93 9 employee_ssn L
94-123 30 document_tracking_number L
124-153 30 order_identifier L
154-155 2 disposition_status L
156-158 3 disposition_reason L
159-166 8 termination_date L
167-191 25 last_known_address1 L
192-216 25 last_known_address2 L
217-238 22 last_known_city L
239-240 2 last_known_state L
241-245 5 last_known_zip L
246-249 4 last_known_zip4 L
250-257 8 final_payment_date L
258-268 11 final_payment_amount L
269-325 57 new_employer_name L
326-350 25 new_employer_address1 L
351-375 25 new_employer_address2 L
376-397 22 new_employer_city L
398-399 2 new_employer_state L
400-404 5 new_employer_zip L
405-408 4 new_employer_zip4 L
409-416 8 lump_sum_payment_date L
417-427 11 lump_sum_amount L
428-462 35 lump_sum_type L
463-472 10 last_known_phone L
473-504 32 first_error_field_name L
505-536 32 second_error_field_name L
537-537 1 multiple_error_indicator L
538-546 9 corrected_fein L
547-548 2 other_order_state L
""")
