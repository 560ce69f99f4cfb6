/** The location of detections that the hook has reported. */
export const REPORT_LOCATION = 'ModSecurity';
